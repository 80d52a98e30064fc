//! The median, and how sure it is.

/// A median with its 95 % confidence interval, by order statistics: it assumes nothing of how the
/// values are distributed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Median {
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Median {
    /// `None` without any value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let low = interval_rank(sorted.len());
        Some(Self {
            value: f64::midpoint(sorted[last / 2], sorted[last.div_ceil(2)]),
            low: sorted[low],
            high: sorted[last - low],
        })
    }
}

/// The place in ascending order, from 0, at which the interval begins: below the median by 1.96
/// standard deviations of the number of values under it, which is binomial.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)] // A number of rounds, and a place among them.
fn interval_rank(len: usize) -> usize {
    let len = len as f64;
    let place = (len - 1.96 * len.sqrt()) / 2.0;
    (place.floor() - 1.0).max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_its_interval() {
        assert_eq!(Median::of([]), None);
        let one = Median::of([7.0]).unwrap();
        assert_eq!((one.value, one.low, one.high), (7.0, 7.0, 7.0));
        let even = Median::of([4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((even.value, even.low, even.high), (2.5, 1.0, 4.0));
        // The tables of the binomial distribution have the 40th and the 61st of 100.
        let hundred = Median::of((1..=100).map(f64::from)).unwrap();
        assert_eq!(
            (hundred.value, hundred.low, hundred.high),
            (50.5, 40.0, 61.0)
        );
    }
}
