// The limits are the hosted service's, so that what passes here would pass there; everything is
// kept in memory, so that no run sees another's state.

import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    "app-id": { type: "string" },
    key: { type: "string" },
    secret: { type: "string" },
    "webhook-url": { type: "string" },
  },
});
for (const required of ["port", "app-id", "key", "secret", "webhook-url"]) {
  if (values[required]) continue;
  console.error(`sockudo-config: --${required} is missing`);
  process.exit(2);
}

const WEBHOOK_EVENTS = [
  "channel_occupied",
  "channel_vacated",
  "member_added",
  "member_removed",
  "client_event",
  "cache_miss",
  "subscription_count",
];
const CACHED_FOR_SECONDS = 1800;

const app = {
  id: values["app-id"],
  key: values.key,
  secret: values.secret,
  enabled: true,
  policy: {
    limits: {
      max_connections: 1000,
      max_client_events_per_second: 10,
      max_presence_members_per_channel: 100,
      max_presence_member_size_in_kb: 1,
      max_channel_name_length: 164,
      max_event_channels_at_once: 100,
      max_event_name_length: 200,
      max_event_payload_in_kb: 10,
      max_event_batch_size: 10,
    },
    features: {
      enable_client_messages: true,
      enable_user_authentication: true,
      enable_watchlist_events: true,
    },
    webhooks: [{ url: values["webhook-url"], event_types: WEBHOOK_EVENTS }],
  },
};

const config = {
  host: "127.0.0.1",
  port: Number(values.port),
  debug: false,
  shutdown_grace_period: 1,
  adapter: { driver: "local" },
  app_manager: { driver: "memory", array: { apps: [app] } },
  cache: { driver: "memory", memory: { ttl: CACHED_FOR_SECONDS } },
  channel_limits: { max_name_length: 164, cache_ttl: CACHED_FOR_SECONDS },
  queue: { driver: "memory" },
  rate_limiter: { enabled: false, driver: "memory" },
  metrics: { enabled: false },
  webhooks: {
    batching: { enabled: true, duration: 50, size: 100 },
    retry: { enabled: true, initial_backoff_ms: 200, max_elapsed_time_ms: 10_000 },
    request_timeout_ms: 2_000,
  },
};

console.log(JSON.stringify(config, null, 2));
