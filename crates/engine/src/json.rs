//! Small help for reading JSON documents.

use serde::{Deserialize, Deserializer};

/// Tells "field is absent" (`None`) from "field is null" (`Some(None)`), for partial edits.
///
/// # Errors
/// Those of the inner type.
#[expect(clippy::option_option, reason = "absent, null and a value are three things here")]
pub fn some_option<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
