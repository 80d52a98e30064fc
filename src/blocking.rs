//! Blocking calls for code that is not async: [`wait`](Wait::wait) instead of `.await`.
//!
//! They use the same [`Pusher`](crate::Pusher), with the same calls, options, retries and errors.
//!
//! ```no_run
//! use pusher_http::blocking::Wait as _;
//! use pusher_http::{Error, Event, Pusher};
//!
//! fn main() -> Result<(), Error> {
//!     let pusher = Pusher::from_env()?;
//!     pusher.trigger("room-1", "message", "hello").wait()?;
//!     pusher.trigger_batch([Event::new("room-1", "message", "hello")?]).wait()?;
//!     let state = pusher.channel("room-1").wait()?;
//!     println!("{}", state.occupied);
//!     Ok(())
//! }
//! ```
//!
//! Any thread can wait for a call: a plain thread, a thread of tokio's `spawn_blocking`, or a
//! worker of an async runtime. A worker is blocked until the call has ended.
//!
//! One thread of the crate does the work. It is started by the first call and runs until the
//! process ends. Like each runtime, it has its own connections.
//!
//! With [`http_client`](crate::Builder::http_client), async and blocking calls share your client.
//! With `reqwest_client` they also share its connections. In that case you can still use both kinds
//! of calls, but don't wait on a thread that the client's connections need.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{OnceLock, mpsc};

use futures_util::FutureExt as _;
use tokio::runtime::{Builder, Runtime};
use tokio::task::block_in_place;

use crate::api::{Endpoint, TriggerBatchResponse, TriggerResponse};
use crate::client::{BatchError, Call, TriggerBatchCall, TriggerCall};
use crate::error::Error;

/// A call that a thread can wait for.
pub trait Wait: Sized {
    /// The result of the call.
    type Output;

    /// Sends the call and waits until it has ended.
    ///
    /// # Errors
    ///
    /// The errors of awaiting the call, and [`Error::Config`] if the operating system can't start a
    /// thread.
    fn wait(self) -> Self::Output;
}

impl Wait for TriggerCall {
    type Output = Result<TriggerResponse, Error>;

    fn wait(self) -> Self::Output {
        block_on(runtime()?, self)
    }
}

impl<E> Wait for Call<E>
where
    E: Endpoint<Response: Send> + Send + Sync + 'static,
{
    type Output = Result<E::Response, Error>;

    fn wait(self) -> Self::Output {
        block_on(runtime()?, self)
    }
}

impl Wait for TriggerBatchCall {
    type Output = Result<TriggerBatchResponse, BatchError>;

    fn wait(self) -> Self::Output {
        match runtime() {
            Ok(runtime) => block_on(runtime, self),
            Err(cause) => Err(self.not_sent(cause)),
        }
    }
}

thread_local! {
    /// Whether this thread belongs to the runtime.
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

/// The runtime that all blocking calls of this process share.
fn runtime() -> Result<&'static Runtime, Error> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let start = || {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("pusher-http")
            .on_thread_start(|| IS_OWN.set(true))
            .enable_all()
            .build()
            .ok()
    };
    RUNTIME
        .get_or_init(start)
        .as_ref()
        .ok_or_else(|| Error::config("blocking", "got no thread from the operating system"))
}

fn block_on<C>(runtime: &Runtime, call: C) -> C::Output
where
    C: IntoFuture<Output: Send + 'static, IntoFuture: Send + 'static>,
{
    let (sender, receiver) = mpsc::sync_channel(1);
    let call = AssertUnwindSafe(call.into_future()).catch_unwind();
    runtime.spawn(async move { sender.send(call.await) });
    let ended = if IS_OWN.get() {
        // A user's HTTP client waits for another call on the runtime's only worker. The runtime
        // must continue on a new worker.
        block_in_place(|| receiver.recv())
    } else {
        receiver.recv()
    };
    match ended {
        Ok(Ok(output)) => output,
        // A user's HTTP client has panicked. The panic continues on the calling thread.
        Ok(Err(panic)) => resume_unwind(panic),
        Err(disconnected) => resume_unwind(Box::new(disconnected)),
    }
}
