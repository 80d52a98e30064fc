//! Where an event's JSON is written.

use std::fmt;
use std::io;
use std::ops::Deref;

/// As many bytes as most events have. They stand in the event itself, so that a batch of small
/// events takes no allocation for each of them.
const INLINE_BYTES: usize = 384;

/// Bytes that are written once, front to back.
#[derive(Clone)]
pub struct Buffer(Store);

#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // That is what it is for.
enum Store {
    Inline {
        bytes: [u8; INLINE_BYTES],
        len: usize,
    },
    Heap(Vec<u8>),
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self(Store::Inline {
            bytes: [0; INLINE_BYTES],
            len: 0,
        })
    }

    /// For a trigger, which is one alone: a move of so many bytes costs more than the allocation.
    pub(crate) fn on_heap() -> Self {
        Self(Store::Heap(Vec::with_capacity(INLINE_BYTES)))
    }

    #[inline]
    pub(crate) fn push(&mut self, piece: &[u8]) {
        match &mut self.0 {
            Store::Inline { bytes, len } => {
                let end = *len + piece.len();
                if let Some(room) = bytes.get_mut(*len..end) {
                    room.copy_from_slice(piece);
                    *len = end;
                    return;
                }
            }
            Store::Heap(bytes) => {
                if bytes.capacity() - bytes.len() >= piece.len() {
                    bytes.extend_from_slice(piece);
                    return;
                }
            }
        }
        self.grow(piece);
    }

    #[cold]
    fn grow(&mut self, piece: &[u8]) {
        let bytes = self.len() + piece.len();
        let capacity = bytes.max(next_capacity(match &self.0 {
            Store::Inline { .. } => INLINE_BYTES,
            Store::Heap(bytes) => bytes.capacity(),
        }));
        match &mut self.0 {
            Store::Inline { .. } => {
                let mut heap = Vec::with_capacity(capacity);
                heap.extend_from_slice(self);
                heap.extend_from_slice(piece);
                self.0 = Store::Heap(heap);
            }
            Store::Heap(heap) => {
                heap.reserve_exact(capacity - heap.len());
                heap.extend_from_slice(piece);
            }
        }
    }

    pub(crate) fn truncate(&mut self, bytes: usize) {
        match &mut self.0 {
            Store::Inline { len, .. } => *len = bytes.min(*len),
            Store::Heap(heap) => heap.truncate(bytes),
        }
    }

    pub(crate) fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Store::Inline { bytes, len } => bytes[..len].to_vec(),
            Store::Heap(heap) => heap,
        }
    }
}

/// Few steps for what is small, and less to spare for what is large: it never has more than about
/// twice what was written.
fn next_capacity(capacity: usize) -> usize {
    match capacity {
        0..2_048 => capacity * 4,
        2_048..8_192 => capacity * 5 / 2,
        _ => capacity * 7 / 4,
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Store::Inline { bytes, len } => &bytes[..*len],
            Store::Heap(heap) => heap,
        }
    }
}

/// Without the bytes, which may be private.
impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes)", self.len())
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Buffer {}

impl io::Write for Buffer {
    #[inline]
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.push(piece);
        Ok(piece.len())
    }

    #[inline]
    fn write_all(&mut self, piece: &[u8]) -> io::Result<()> {
        self.push(piece);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stands_there_however_long_it_is() {
        let buffers = [Buffer::new, Buffer::on_heap];
        let pieces = [1, 7, 383, 384, 385, 5_000];
        for (new, piece) in buffers
            .iter()
            .flat_map(|new| pieces.map(|piece| (new, piece)))
        {
            let mut buffer = new();
            let mut expected = Vec::new();
            for byte in 0..20 {
                let piece = vec![byte; piece];
                buffer.push(&piece);
                expected.extend_from_slice(&piece);
                assert_eq!(*buffer, *expected);
            }
            let mut shorter = buffer.clone();
            shorter.truncate(5);
            assert_eq!(*shorter, expected[..5]);
            assert!(shorter != buffer);
            shorter.push(&expected[5..]);
            assert!(shorter == buffer);
            assert_eq!(buffer.into_vec(), expected);
        }
    }

    #[test]
    fn little_is_spare_and_steps_are_few() {
        let mut buffer = Buffer::new();
        let mut steps = 0_u32;
        let mut capacity = 0;
        for written in 1..=100_000_usize {
            buffer.push(b"x");
            let Store::Heap(heap) = &buffer.0 else {
                continue;
            };
            if heap.capacity() != capacity {
                capacity = heap.capacity();
                steps += 1;
                assert!(capacity <= written * 2 + 4_096, "{capacity} for {written}");
                let expected = match written {
                    0..=1_536 => 1,
                    1_537..=6_144 => 2,
                    6_145..=15_360 => 3,
                    _ => steps,
                };
                assert_eq!(steps, expected, "{written}");
            }
        }
        assert_eq!(steps, 7);
    }
}
