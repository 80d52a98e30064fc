//! A list that keeps only its newest entries.

use std::collections::VecDeque;

pub(super) struct Newest<T> {
    kept: VecDeque<T>,
    limit: usize,
    forgotten: u64,
}

/// The place of an entry among all entries ever added.
///
/// It stays the same when older entries are forgotten.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(u64);

impl<T> Newest<T> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            limit,
            forgotten: 0,
        }
    }

    /// Returns the place of the next entry.
    pub(super) fn next_place(&self) -> Place {
        Place(self.forgotten + self.kept.len() as u64)
    }

    /// Adds an entry. If there are too many, the oldest one is forgotten.
    pub(super) fn push(&mut self, entry: T) {
        self.kept.push_back(entry);
        if self.kept.len() > self.limit {
            self.kept.pop_front();
            self.forgotten += 1;
        }
    }

    /// Returns the entry at this place, unless it has been forgotten.
    pub(super) fn get_mut(&mut self, place: Place) -> Option<&mut T> {
        let index = place.0.checked_sub(self.forgotten)?;
        self.kept.get_mut(usize::try_from(index).ok()?)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.kept.iter_mut()
    }

    /// Returns how many entries are no longer kept.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_stays_its_entrys_own_until_it_is_forgotten() {
        let mut list = Newest::new(2);
        let mut places = Vec::new();
        for entry in 0..5 {
            places.push(list.next_place());
            list.push(entry);
            assert_eq!(list.get_mut(places[entry]).copied(), Some(entry));
        }
        let found: Vec<_> = places
            .iter()
            .map(|place| list.get_mut(*place).copied())
            .collect();
        assert_eq!(found, [None, None, None, Some(3), Some(4)]);
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), [3, 4]);
        assert_eq!(list.forgotten(), 3);
        assert!(list.get_mut(list.next_place()).is_none());
    }

    #[test]
    fn a_list_of_nothing_keeps_nothing() {
        let mut list = Newest::new(0);
        let place = list.next_place();
        list.push(1);
        assert!(list.get_mut(place).is_none());
        assert_eq!((list.iter().count(), list.forgotten()), (0, 1));
    }
}
