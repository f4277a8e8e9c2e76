//! What names and configures a plugin.

use super::{absent, key_place, variable};
use crate::source::Keys;
use crate::span::{Place, Src};

/// `configuration` with `options` and `secure_options`; both empty when it is absent. `None`: refused.
pub fn configuration(
    keys: &mut Keys<'_, '_>,
    containers: &mut Vec<Place>,
) -> Option<(Vec<variable::Pair>, Vec<variable::Pair>)> {
    let Some(at) = keys.take("configuration") else { return Some(Default::default()) };
    if absent(keys.reader, at) {
        return Some(Default::default());
    }
    containers.push(key_place(at));
    keys.reader.map(at, "a configuration", |keys| {
        let options = variable::pairs(keys, "options", containers);
        (options, variable::pairs(keys, "secure_options", containers))
    })
}

/// A mapping of `id` and `version` that names a plugin.
pub fn id(
    keys: &mut Keys<'_, '_>,
    key: &'static str,
    containers: &mut Vec<Place>,
) -> (Option<Src<String>>, Option<Src<String>>) {
    let Some(at) = keys.take(key) else { return (None, None) };
    if absent(keys.reader, at) {
        return (None, None);
    }
    containers.push(key_place(at));
    let read = keys.reader.map(at, "a plugin configuration", |keys| (keys.text("id"), keys.text("version")));
    read.unwrap_or_default()
}
