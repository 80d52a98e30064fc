//! The forms in which a trigger takes its channels.

use crate::channel::ChannelName;
use crate::error::Error;

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
}

fn checked<C>(channels: impl IntoIterator<Item = C>) -> Result<Vec<ChannelName>, Error>
where
    C: TryInto<ChannelName, Error: Into<Error>>,
{
    channels
        .into_iter()
        .map(|channel| channel.try_into().map_err(Into::into))
        .collect()
}

macro_rules! one_channel {
    ($($name:ty),*) => {$(
        impl IntoChannels for $name {
            fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
                checked([self])
            }
        }
    )*};
}

one_channel!(&str, &&str, String, &String, ChannelName, &ChannelName);

impl<C, const N: usize> IntoChannels for [C; N]
where
    C: TryInto<ChannelName, Error: Into<Error>>,
{
    fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
        checked(self)
    }
}

impl<C> IntoChannels for Vec<C>
where
    C: TryInto<ChannelName, Error: Into<Error>>,
{
    fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
        checked(self)
    }
}

impl<'a, C> IntoChannels for &'a [C]
where
    &'a C: TryInto<ChannelName, Error: Into<Error>>,
{
    fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
        checked(self)
    }
}

impl<'a, C, const N: usize> IntoChannels for &'a [C; N]
where
    &'a C: TryInto<ChannelName, Error: Into<Error>>,
{
    fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
        checked(self)
    }
}

impl<'a, C> IntoChannels for &'a Vec<C>
where
    &'a C: TryInto<ChannelName, Error: Into<Error>>,
{
    fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
        checked(self)
    }
}
