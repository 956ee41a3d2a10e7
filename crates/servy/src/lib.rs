//! servy
