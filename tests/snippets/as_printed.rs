//! The code that is compiled here is the code in the README and the guide.

/// Checks that the first block of code under a heading is this file, line by line.
fn assert_prints(page: &str, heading: &str, file: &str) {
    let mut printed = page
        .lines()
        .skip_while(|line| *line != heading)
        .skip_while(|line| !line.starts_with("```rust"))
        .skip(1)
        .take_while(|line| *line != "```");
    for (number, line) in file.lines().enumerate() {
        let number = number + 1;
        assert_eq!(printed.next(), Some(line), "line {number} of the file");
    }
    assert_eq!(printed.next(), None, "the file ends");
}

#[test]
fn readme_prints_compiled_code() {
    let page = include_str!("../../README.md");
    let file = include_str!("printed/readme.rs");
    assert_prints(page, "### Notify two parties", file);
}

#[test]
fn guide_prints_compiled_code() {
    let page = include_str!("../../docs/notify.md");
    let file = include_str!("printed/guide.rs");
    assert_prints(page, "# Notify two parties", file);
}
