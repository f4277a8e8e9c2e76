//! Patterns of pipeline names: `*` is any text, `?` any one character; case counts no more than in GoCD.

/// Whether the whole name fits the pattern.
pub fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` stands, and how much of the name it covers: one step back is enough for any number of them.
    let mut star: Option<(usize, usize)> = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(c) if *c == '?' || Some(c) == name.get(seen) => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((place, covered)) = star else { return false };
                star = Some((place, covered + 1));
                (at, seen) = (place + 1, covered + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name) in [
            ("shop", "Shop"),
            ("shop-*", "shop-"),
            ("*-*-*", "a-b-c"),
            ("*a*b", "aab"),
            ("?x*", "axis"),
            ("*", ""),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("shop", "shop-a"), ("shop-*", "ashop-"), ("?", ""), ("*a*b", "aba"), ("", "a")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_are_no_trap() {
        assert!(!fits(&"*a".repeat(2000), &"a".repeat(1900)));
    }
}
