//! The tables, in Markdown.

pub(crate) fn head(_: &crate::options::Options) -> String { String::new() }
pub(crate) fn tokens(r: &crate::rounds::Results, c: &crate::counts::Counts) -> String {
    let mut s = String::new();
    for w in crate::work::TOKENS { for n in ["line","line, again","line, owned events","HMAC alone","pusher-http","pusher 0.4.5","pushers 1.5.0","sockudo-http 2.2.0","pusher 5.3.4, Node 20.20.2","pusher 3.3.4, Python 3.11.7"] {
        s += &format!("{} {n}: {:?} {:?} {:?}\n", w.title(), r.ratio(n, "line", w, crate::rounds::Clock::Wall), r.nanoseconds(n,w,crate::rounds::Clock::Wall).map(|m|m.value), c.allocations(n,w));
    }}
    s
}
pub(crate) fn calls(r: &crate::rounds::Results, c: &crate::counts::Counts) -> String {
    let mut s = String::new();
    for w in crate::work::CALLS { for n in ["hyper, prebuilt bytes","hyper signed","hyper signed, again","reqwest, prebuilt bytes","reqwest signed","pusher-http","pusher 0.4.5","pushers 1.5.0","sockudo-http 2.2.0","pusher 5.3.4, Node 20.20.2","pusher 3.3.4, Python 3.11.7"] {
        s += &format!("{} {n}: {:?} {:?} {:?}\n", w.title(), r.ratio(n, "hyper signed", w, crate::rounds::Clock::Wall), r.nanoseconds(n,w,crate::rounds::Clock::Wall).map(|m|m.value), c.allocations(n,w));
    }}
    s
}
pub(crate) fn memory(_: &crate::growth::Growth, c: &crate::counts::Counts) -> String { format!("{c:?}") }
