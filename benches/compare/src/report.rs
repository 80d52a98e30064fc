//! The tables, in Markdown.

mod table;

use crate::candidates::{HYPER_SIGNED, LINE, LINE_OWNED, Role};
use crate::counts::Counts;
use crate::growth::Growth;
use crate::machine;
use crate::options::Options;
use crate::rounds::{Clock, Results};
use crate::statistics::Median;
use crate::work::{CALLS, ONE_BY_ONE, TOKENS, Work};
use table::Table;

const NOTHING: &str = "–";

/// Where it was measured, and with what.
pub(crate) fn head(options: &Options) -> String {
    let meaning = if options.test {
        "A test run, whose numbers mean nothing.".to_owned()
    } else {
        let rounds = options.rounds;
        format!("Medians of {rounds} rounds, each with its 95 % interval.")
    };
    let floors = ["reqwest", "hyper", "hyper-util", "hmac", "sha2"].map(locked);
    format!(
        "{meaning} {}. {}.\n",
        machine::processor(),
        floors.join(", ")
    )
}

pub(crate) fn tokens(results: &Results, counts: &Counts, notes: &[String]) -> String {
    let mut table = Table::new("ratio to line; allocations", &TOKENS);
    for row in &results.rows {
        table.row(row, |work| {
            let time = time(results, &row.name, LINE, work, Clock::Wall)?;
            let allocations = counts.allocations(&row.name, work);
            Some(match allocations {
                Some(allocations) => format!("{time}; {allocations:.0}"),
                None => time,
            })
        });
    }
    let floors = beside_floors(results, counts, &TOKENS);
    let notes = list(notes);
    format!("### Tokens and webhooks\n\n{table}\n{floors}{notes}")
}

pub(crate) fn calls(results: &Results, counts: &Counts, notes: &[String]) -> String {
    let by_clock = [("wall", Clock::Wall), ("CPU", Clock::Cpu)].map(|(title, clock)| {
        let mut table = Table::new("ratio to hyper signed", &CALLS);
        for row in &results.rows {
            table.row(row, |work| {
                time(results, &row.name, HYPER_SIGNED, work, clock)
            });
        }
        format!("### Calls: {title} time per request\n\n{table}\n")
    });
    let mut table = Table::new("allocations", &ONE_BY_ONE);
    for row in &results.rows {
        table.row(row, |work| {
            let allocations = counts.allocations(&row.name, work)?;
            Some(format!("{allocations:.0}"))
        });
    }
    let floors = beside_floors(results, counts, &CALLS);
    format!(
        "{}### Calls: allocations per request\n\n{table}\n{floors}{}",
        by_clock.concat(),
        list(notes)
    )
}

/// A time as a ratio to the baseline's, and the baseline's own as it is.
fn time(results: &Results, name: &str, to: &str, work: Work, clock: Clock) -> Option<String> {
    if name == to {
        let nanoseconds = results.nanoseconds(name, work, clock)?.value;
        return Some(if nanoseconds < 1_000.0 {
            format!("{nanoseconds:.0} ns")
        } else {
            format!("{:.1} µs", nanoseconds / 1e3)
        });
    }
    results.ratio(name, to, work, clock).map(ratio)
}

fn ratio(median: Median) -> String {
    // Nobody needs the second place of a 30.
    let places = if median.value < 10.0 { 2 } else { 1 };
    let Median { value, low, high } = median;
    format!("{value:.places$} ({low:.places$}–{high:.places$})")
}

/// What each of ours adds to its floor.
fn beside_floors(results: &Results, counts: &Counts, works: &[Work]) -> String {
    let columns = [
        "",
        "floor",
        "wall",
        "CPU",
        "allocations",
        "prebuilt's allocations",
    ];
    let mut table = Table::of_columns(columns);
    for row in &results.rows {
        let Role::Ours { signed, prebuilt } = row.role else {
            continue;
        };
        for work in works.iter().copied() {
            // Its events are owned.
            let floor = if work == Work::Webhook {
                LINE_OWNED
            } else {
                signed
            };
            let ratio = |clock| results.ratio(&row.name, floor, work, clock).map(ratio);
            let allocations = |name| {
                let allocations = counts.allocations(name, work)?;
                Some(format!("{allocations:.0}"))
            };
            table.cells([
                Some(format!("{}, {}", row.name, work.title())),
                Some(floor.to_owned()),
                ratio(Clock::Wall),
                ratio(Clock::Cpu),
                allocations(&row.name),
                allocations(prebuilt),
            ]);
        }
    }
    format!(
        "Beside the floor:\n\n{table}\nOf all turns, {:.1} % were disturbed.\n",
        results.disturbed * 100.0
    )
}

fn list(notes: &[String]) -> String {
    let mut list = String::new();
    for note in notes {
        list.push_str("\n- ");
        list.push_str(note);
    }
    list + "\n"
}

pub(crate) fn memory(growth: &Growth, counts: &Counts) -> String {
    let mut peaks = Table::of_columns([
        "a trigger of",
        "body",
        "held at the peak",
        "by reqwest alone",
        "difference",
        "2.2 times the data, and 4 KiB",
    ]);
    for peak in &counts.peaks {
        let own = peak.ours.saturating_sub(peak.reqwest);
        let aim = peak.data_bytes * 22 / 10 + 4_096;
        let bytes = [
            peak.data_bytes,
            peak.body_bytes,
            peak.ours,
            peak.reqwest,
            own,
            aim,
        ];
        peaks.cells(bytes.map(|bytes| Some(format!("{bytes} B"))));
    }
    let kib = |kib: Option<u64>| kib.map(|kib| format!("{kib} KiB"));
    let resident = &growth.resident;
    let mut rest = Table::of_columns(["", ""]);
    let calls = resident.calls;
    for (what, value) in [
        (
            format!("resident before {calls} calls"),
            kib(resident.before),
        ),
        (format!("resident after {calls} calls"), kib(resident.after)),
        (
            "a clone of a `Pusher`".to_owned(),
            Some(format!(
                "{} B, {} allocations",
                size_of::<pusher_http::Pusher>(),
                counts.clone_allocations
            )),
        ),
        (
            "an event in a batch of 10,000 to one in 100, sent in tens".to_owned(),
            growth.sent.map(ratio),
        ),
        (
            "the same, built and signed as one request".to_owned(),
            growth.built.map(ratio),
        ),
        (
            "a byte of 1 MB to one of 10 KB, hashed and signed".to_owned(),
            growth.signed.map(ratio),
        ),
    ] {
        rest.cells([Some(what), value]);
    }
    format!("### Memory and growth\n\n{peaks}\n{rest}")
}

/// A crate's name and version; of several, the newest.
fn locked(name: &str) -> String {
    let mut lines = include_str!("../Cargo.lock").lines();
    let mut version = "";
    while let Some(line) = lines.next() {
        if line == format!("name = \"{name}\"")
            && let Some(line) = lines.next()
        {
            version = line.trim_start_matches("version = ").trim_matches('"');
        }
    }
    format!("{name} {version}")
}

#[cfg(test)]
mod tests {
    use crate::candidates;

    use super::*;

    #[test]
    fn the_peers_are_named_by_the_versions_that_they_have() {
        for name in candidates::PEERS {
            let (library, _) = name.split_once(' ').unwrap();
            assert_eq!(locked(library), name);
        }
    }

    #[test]
    fn a_ratio_has_the_places_that_it_needs() {
        let median = |value| Median {
            value,
            low: value * 0.99,
            high: value * 1.01,
        };
        assert_eq!(ratio(median(1.0)), "1.00 (0.99–1.01)");
        assert_eq!(ratio(median(20.0)), "20.0 (19.8–20.2)");
    }
}
