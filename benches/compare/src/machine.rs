//! What is asked of the machine: cores, clocks and memory.

use std::time::{Duration, Instant};

use core_affinity::CoreId;
use rustix::time::{ClockId, clock_gettime};

/// The core that all clients run on, and the one that the sink has.
#[derive(Clone, Copy)]
pub(crate) struct Cores {
    pub(crate) client: CoreId,
    pub(crate) sink: CoreId,
}

impl Cores {
    /// `None` where the machine has one, or does not tell.
    pub(crate) fn choose() -> Option<Self> {
        let cores = core_affinity::get_core_ids()?;
        match cores.as_slice() {
            [.., client, sink] => Some(Self {
                client: *client,
                sink: *sink,
            }),
            _ => None,
        }
    }
}

/// Keeps this thread, and what it starts from now on, on one core.
pub(crate) fn stay_on(core: CoreId) {
    if !core_affinity::set_for_current(core) {
        eprintln!("this thread could not be pinned to a core: expect more noise");
    }
}

/// The time that some calls took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

/// A stopwatch of wall time and of this thread's CPU time, in which all of a candidate's work is
/// done: its client, its connections and the kernel's part of both.
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        let cpu = thread_cpu();
        Self {
            wall: Instant::now(),
            cpu,
        }
    }

    pub(crate) fn stop(self) -> Cost {
        Cost {
            wall: self.wall.elapsed(),
            cpu: thread_cpu().saturating_sub(self.cpu),
        }
    }
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

/// How long these two waited for their cores while others ran there: the thread that asks, and the
/// sink's. Zero where the system does not tell.
pub(crate) fn waited(sink: u32) -> Duration {
    [
        "/proc/thread-self/schedstat",
        &format!("/proc/{sink}/schedstat"),
    ]
    .into_iter()
    .filter_map(|path| {
        let numbers = std::fs::read_to_string(path).ok()?;
        // Nanoseconds that it ran, and that it waited, and how often it did.
        numbers.split_whitespace().nth(1)?.parse().ok()
    })
    .map(Duration::from_nanos)
    .sum()
}

/// This process's resident memory in KiB; `None` where the system does not tell.
pub(crate) fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The processor's name, for the head of a report.
pub(crate) fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name").then(|| value.trim().to_owned())
    });
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}
