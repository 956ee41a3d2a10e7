//! servy
fn main() {}
