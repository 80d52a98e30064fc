//! Every public type, and whether its values can contain something that must not be printed. A new
//! type cannot be forgotten: a test finds it in the sources, and fails if it is not listed here.

use std::collections::BTreeSet;
use std::path::Path;

/// These are printed with markers in them, by `values` and `errors`.
pub(crate) const CAN_HOLD: &[&str] = &[
    "ApiError",
    "App",
    "AuthParams",
    "BatchError",
    "Call",
    "Builder",
    "CachedEvent",
    "ChannelAuth",
    "ChannelAuthRequest",
    "ChannelState",
    "ClientEvent",
    "Credentials",
    "Error",
    "Event",
    "EventData",
    "Extra",
    "GenericCall",
    "JsonText",
    "Jsonp",
    "MasterKey",
    "Partial",
    "Pusher",
    "Rejection",
    "Request",
    "SharedSecret",
    "SignatureError",
    "SignedRequest",
    "Trigger",
    "TriggerBatch",
    "TriggerBatchCall",
    "TriggerCall",
    "UserAuth",
    "UserAuthRequest",
    "Webhook",
    "WebhookError",
    "WebhookEvent",
    "WebhookSignature",
];

/// Names, numbers, counts, and data that tests are meant to read, which a local server recorded.
const HOLDS_NONE: &[&str] = &[
    "ApiErrorKind",
    "ChannelCounts",
    "ChannelKind",
    "ChannelName",
    "ChannelOutcome",
    "ChannelQuery",
    "ChannelsQuery",
    "EventName",
    "HyperClient",
    "Info",
    "JsonpCallback",
    "Limits",
    "Many",
    "One",
    "Outcome",
    "PresenceMember",
    "RetryPolicy",
    "SendLimits",
    "SocketId",
    "TerminateConnections",
    "TriggerBatchResponse",
    "TriggerResponse",
    "User",
    "UserData",
    "UserId",
    "UsersQuery",
];

#[test]
fn every_public_type_is_listed() {
    let mut found = BTreeSet::new();
    find(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    let listed: BTreeSet<String> = CAN_HOLD
        .iter()
        .chain(HOLDS_NONE)
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(listed.len(), CAN_HOLD.len() + HOLDS_NONE.len(), "each once");
    assert_eq!(found, listed, "found in src (left), listed here (right)");
}

/// Finds the names after `pub struct` and `pub enum`. The lint `unreachable_pub` ensures that these
/// are public.
fn find(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let types = text.lines().filter_map(|line| {
                let line = line.trim_start();
                line.strip_prefix("pub struct ")
                    .or_else(|| line.strip_prefix("pub enum "))
            });
            let name = |rest: &str| {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric())
                    .unwrap_or(rest.len());
                rest[..end].to_owned()
            };
            found.extend(types.map(name));
        }
    }
}
