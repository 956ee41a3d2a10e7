//! What is embedded when servy is built with `SERVY_ASSETS_DIR`.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use crate::table::Table;

#[test]
fn the_same_files_make_the_same_table_and_nothing_else_gets_in() {
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret.txt"), "secret").unwrap();
    let root = outside.path().join("public");
    fs::create_dir_all(root.join("nested/deep")).unwrap();
    fs::create_dir_all(root.join(".git")).unwrap();
    fs::create_dir_all(root.join(".well-known")).unwrap();
    for name in ["z.css", "index.html", "nested/deep/a b.txt", ".env", ".git/config"] {
        fs::write(root.join(name), name).unwrap();
    }
    fs::write(root.join(".well-known/security.txt"), "contact").unwrap();
    symlink(outside.path().join("secret.txt"), root.join("link.txt")).unwrap();
    symlink("z.css", root.join("alias.css")).unwrap();
    symlink(".env", root.join("env.txt")).unwrap();
    symlink("nowhere", root.join("dangling.txt")).unwrap();
    symlink("..", root.join("nested/up")).unwrap();
    symlink("nested/deep", root.join("shortcut")).unwrap();

    let mut table = Table::read(&root).unwrap();
    let root = root.canonicalize().unwrap().display().to_string();
    insta::assert_snapshot!(table.source().replace(&root, "ROOT"), @r#"
        &[
            (".well-known/security.txt", &*include_bytes!("ROOT/.well-known/security.txt")),
            ("alias.css", &*include_bytes!("ROOT/alias.css")),
            ("index.html", &*include_bytes!("ROOT/index.html")),
            ("nested/deep/a b.txt", &*include_bytes!("ROOT/nested/deep/a b.txt")),
            ("shortcut/a b.txt", &*include_bytes!("ROOT/nested/deep/a b.txt")),
            ("z.css", &*include_bytes!("ROOT/z.css")),
        ]
        "#);
    table.left_out.sort();
    insta::assert_snapshot!(table.left_out.join("\n"), @r#"
        dangling.txt: No such file or directory (os error 2)
        env.txt: it links to something hidden
        link.txt: it links out of the folder
        nested/up: it links to a folder that it is in
        "#);

    // Neither dates nor the order in which files were made matter.
    fs::remove_file(outside.path().join("public/index.html")).unwrap();
    fs::write(outside.path().join("public/index.html"), "index.html").unwrap();
    let again = Table::read(&outside.path().join("public")).unwrap();
    assert_eq!(again.source(), table.source());
    assert!(Table::read(&outside.path().join("none")).is_err());
}
