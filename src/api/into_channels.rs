//! The forms in which a trigger takes its channels.

use crate::channel::{ChannelKind, ChannelName};
use crate::error::Error;
use crate::event::Buffer;
use crate::text_type::CheckedText;

/// One channel or several, as a trigger takes them: a name as `&str`, `String` or
/// [`ChannelName`], or an array, a slice or a `Vec` of names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no channel name and no list of channel names",
    note = "pass a `&str`, a `String` or a `ChannelName`, or an array, a slice or a `Vec` of them"
)]
pub trait IntoChannels {
    /// The checked names, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name.
    fn into_channels(self) -> Result<Vec<ChannelName>, Error>;

    /// Writes the names as JSON strings with commas between them.
    #[doc(hidden)]
    fn push_to(self, list: &mut ChannelList) -> Result<(), Error>
    where
        Self: Sized,
    {
        list.push_all(&self.into_channels()?)
    }
}

/// The names of a trigger's channels, written into its JSON.
#[derive(Debug)]
pub struct ChannelList<'a> {
    json: &'a mut Buffer,
    pub(super) count: usize,
    /// The last one that is encrypted.
    pub(super) encrypted: Option<String>,
}

impl<'a> ChannelList<'a> {
    pub(super) fn new(json: &'a mut Buffer) -> Self {
        Self {
            json,
            count: 0,
            encrypted: None,
        }
    }

    fn push_all<C: CheckedText<ChannelName>>(&mut self, channels: &[C]) -> Result<(), Error> {
        for channel in channels {
            let name = channel.checked_text()?;
            // Nothing in a channel's name needs an escape.
            self.json.push(if self.count == 0 { b"\"" } else { b",\"" });
            self.json.push(name.as_bytes());
            self.json.push(b"\"");
            self.count += 1;
            if ChannelKind::of(name) == ChannelKind::Encrypted {
                self.encrypted = Some(name.to_owned());
            }
        }
        Ok(())
    }
}

fn checked<C: CheckedText<ChannelName>>(channels: &[C]) -> Result<Vec<ChannelName>, Error> {
    let checked = |channel: &C| ChannelName::new(channel.checked_text()?);
    channels.iter().map(checked).collect()
}

macro_rules! channels {
    ([$($generics:tt)*] $form:ty, $names:expr) => {
        impl<$($generics)*> IntoChannels for $form {
            fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
                let names: fn(&Self) -> &[_] = $names;
                checked(names(&self))
            }

            #[doc(hidden)]
            fn push_to(self, list: &mut ChannelList) -> Result<(), Error> {
                let names: fn(&Self) -> &[_] = $names;
                list.push_all(names(&self))
            }
        }
    };
}

channels!([] & str, std::slice::from_ref);
channels!([] && str, std::slice::from_ref);
channels!([] String, std::slice::from_ref);
channels!([] & String, std::slice::from_ref);
channels!([] ChannelName, std::slice::from_ref);
channels!([] & ChannelName, std::slice::from_ref);
channels!([C: CheckedText<ChannelName>, const N: usize] [C; N], |names| names);
channels!([C: CheckedText<ChannelName>, const N: usize] &[C; N], |names| *names);
channels!([C: CheckedText<ChannelName>] Vec<C>, |names| names);
channels!([C: CheckedText<ChannelName>] &Vec<C>, |names| names);
channels!([C: CheckedText<ChannelName>] &[C], |names| names);
