//! Waits for an event, and describes what happened instead if it does not arrive.

use std::fmt::{self, Write as _};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use super::record::{RecordedCall, RecordedEvent, Records, Wanted};

/// An event that is expected. Awaiting this value waits for the event.
#[must_use = "an event is waited for when its expectation is awaited"]
#[derive(Debug)]
pub struct Expectation<'a> {
    records: &'a Records,
    wanted: Wanted,
    within: Duration,
    names_app: bool,
}

impl<'a> Expectation<'a> {
    /// `names_app`: whether the error message has to name the app, since there are several.
    pub(super) fn new(
        records: &'a Records,
        wanted: Wanted,
        within: Duration,
        names_app: bool,
    ) -> Self {
        Self {
            records,
            wanted,
            within,
            names_app,
        }
    }

    /// Expects the event in the app with this id. Default: the server's first app.
    pub fn app(mut self, id: impl Into<String>) -> Self {
        self.wanted.app_id = id.into();
        self.names_app = true;
        self
    }

    /// Waits no longer than this. Default:
    /// [`DevTimes::expectation`](super::DevTimes::expectation).
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    async fn wait(self) -> Result<RecordedEvent, ExpectationError> {
        let next = self.records.next(self.wanted.clone());
        tokio::time::timeout(self.within, next).await.map_err(|_| {
            let (arrived, forgotten) = self.records.events();
            ExpectationError {
                app_id: self.names_app.then_some(self.wanted.app_id),
                channel: self.wanted.channel,
                name: self.wanted.name,
                waited: self.within,
                arrived,
                forgotten,
                refused: self.records.refused(),
            }
        })
    }
}

impl<'a> IntoFuture for Expectation<'a> {
    type Output = Result<RecordedEvent, ExpectationError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait())
    }
}

/// The error if an expected event did not arrive in time.
///
/// Its message shows the newest of the events that did arrive, and of the calls that were rejected.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub struct ExpectationError {
    /// The app in which the event was expected, if the server has several.
    pub app_id: Option<String>,
    /// The channel on which the event was expected.
    pub channel: String,
    /// The name of the expected event.
    pub name: String,
    /// How long the expectation waited.
    pub waited: Duration,
    /// The events that did arrive, in all apps, including those already expected.
    pub arrived: Vec<RecordedEvent>,
    /// How many earlier events are no longer kept.
    ///
    /// To keep more, set [`DevServerBuilder::max_records`](super::DevServerBuilder::max_records).
    pub forgotten: u64,
    /// The calls, to all apps, that were rejected or that a fault was played on.
    pub refused: Vec<RecordedCall>,
}

/// How many entries the message shows, which is enough to see what went wrong.
///
/// The fields of the error have all of them.
const SHOWN: usize = 20;
const SHOWN_CHARS: usize = 200;

impl fmt::Display for ExpectationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_arrived(f)?;
        self.write_refused(f)
    }
}

impl ExpectationError {
    fn write_arrived(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = self.app_id.as_deref();
        write!(f, "no {:?} on {:?}", self.name, self.channel)?;
        if let Some(app) = expected {
            write!(f, " of the app {app:?}")?;
        }
        write!(f, " within {:?}; what did arrive:", self.waited)?;
        if self.arrived.is_empty() && self.forgotten == 0 {
            return f.write_str(" nothing");
        }
        if self.forgotten > 0 {
            write!(f, "\n  {} that are not kept any more", self.forgotten)?;
        }
        let older = self.arrived.len().saturating_sub(SHOWN);
        if older > 0 {
            write!(f, "\n  {older} that are not shown here")?;
        }
        for event in &self.arrived[older..] {
            write!(f, "\n  {:?} on {:?}", event.name, event.channel)?;
            if expected.is_some() {
                write!(f, " of the app {:?}", event.app_id)?;
            }
            f.write_str(": ")?;
            write_start(f, &event.data)?;
        }
        Ok(())
    }

    fn write_refused(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.refused.is_empty() {
            return Ok(());
        }
        write!(f, "\ncalls without success:")?;
        let older = self.refused.len().saturating_sub(SHOWN);
        if older > 0 {
            write!(f, "\n  {older} that are not shown here")?;
        }
        for call in &self.refused[older..] {
            write!(f, "\n  {} {}:", call.method, call.path)?;
            if let Some(status) = call.status {
                write!(f, " {status}")?;
            }
            if let Some(refusal) = &call.refusal {
                f.write_char(' ')?;
                write_start(f, refusal)?;
            }
            if let Some(fault) = &call.fault {
                write!(f, " (the fault {fault})")?;
            }
        }
        Ok(())
    }
}

/// Writes a text, or only its beginning if it is long.
fn write_start(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => {
            f.write_str(&text[..end])?;
            f.write_char('…')
        }
        None => f.write_str(text),
    }
}
