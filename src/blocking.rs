//! The calls of a [`Pusher`](crate::Pusher) for threads: where async code awaits a call, a thread
//! [waits](Wait::wait) for it.
//!
//! It is the same client, with the same calls, options, retries and errors.
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
//! A call may be waited for on any thread: a plain one, one of tokio's `spawn_blocking`, and also a
//! worker of an async runtime, which then does nothing else until the call has ended. The work
//! itself is done by one thread of the crate's own, which is started by the first call and stays.
//! It has connections of its own, as each runtime has.
//!
//! With [`http_client`](crate::Builder::http_client) both kinds of calls share your client,
//! and with `reqwest_client` its connections too: then await calls or wait for them, but don't wait on
//! a thread that the client's connections need.

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
    /// What the call gives.
    type Output;

    /// Sends the call and waits until it has ended.
    ///
    /// # Errors
    ///
    /// What awaiting the call gives, and [`Error::Config`] when the operating system gives no
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
    /// Whether this thread is one of the runtime's own.
    static IS_OWN: Cell<bool> = const { Cell::new(false) };
}

/// The one runtime of all blocking calls of this process.
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
        // An HTTP client of the user's own waits for another call: the runtime, whose only worker
        // this is, goes on with another.
        block_in_place(|| receiver.recv())
    } else {
        receiver.recv()
    };
    match ended {
        Ok(Ok(output)) => output,
        // An HTTP client of the user's own has panicked: here as there.
        Ok(Err(panic)) => resume_unwind(panic),
        Err(disconnected) => resume_unwind(Box::new(disconnected)),
    }
}
