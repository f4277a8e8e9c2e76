//! Keys and items as another reader counts them.

use granit_parser::{Event, Parser};

/// Counts keys and items of a value that `serde_yaml` read.
pub fn count(value: &serde_yaml::Value) -> usize {
    match value {
        serde_yaml::Value::Sequence(items) => items.len() + items.iter().map(count).sum::<usize>(),
        serde_yaml::Value::Mapping(map) => map.len() + map.values().map(count).sum::<usize>(),
        serde_yaml::Value::Tagged(tagged) => count(&tagged.value),
        _ => 0,
    }
}

/// The text with every alias replaced by a scalar, so that nothing is counted twice. Only the places of the aliases
/// come from the parser that the program uses.
pub fn without_aliases(text: &str) -> String {
    let options = granit_parser::options! { emit_unresolved_aliases: true };
    let mut result = text.to_string();
    let aliases: Vec<_> = Parser::new_from_str_with_options(text, options)
        .map_while(Result::ok)
        .filter(|(event, _)| matches!(event, Event::Alias(_) | Event::UnresolvedAlias(_)))
        .filter_map(|(_, span)| span.byte_range())
        .collect();
    for range in aliases.into_iter().rev() {
        result.replace_range(range, "x");
    }
    result
}
