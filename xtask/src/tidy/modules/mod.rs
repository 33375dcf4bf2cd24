//! The modules of a crate, as its source files declare them, and the imports between them.

mod paths;
mod read;
mod resolve;

use std::collections::HashSet;
use std::path::Path;

pub use self::read::is_test_code;

/// A crate's modules. Test modules are left out: a test may import anything.
#[derive(Debug)]
pub struct Tree {
    /// The root comes first, every parent before its children.
    pub modules: Vec<Module>,
}

/// A module: a file, or an inline one.
#[derive(Debug, Default)]
pub struct Module {
    /// The names from the crate's root down; empty for the root.
    pub path: Vec<String>,
    /// The file, relative to the project's root.
    pub file: String,
    /// The module's paths that begin with `crate`, `self` or `super`, and those of its `use` declarations.
    mentions: Vec<Mention>,
    /// The names that `use` declarations bind.
    bindings: Vec<Binding>,
    /// The modules named by `use …::*`.
    globs: Vec<Vec<String>>,
    /// The names of the items defined here.
    items: HashSet<String>,
}

/// A path as it is written.
#[derive(Debug)]
struct Mention {
    segments: Vec<String>,
    line: usize,
}

/// A name that `use` binds.
#[derive(Debug)]
struct Binding {
    name: String,
    target: Vec<String>,
}

/// An import from one module by another of the same crate.
#[derive(Debug)]
pub struct Import {
    /// Index of the importing module.
    pub from: usize,
    /// Index of the module that defines the item.
    pub to: usize,
    /// The path as it is written.
    pub path: String,
    /// The line in the importing file.
    pub line: usize,
}

impl Module {
    /// Returns the path with its separators, or `crate` for the root.
    pub fn name(&self) -> String {
        if self.path.is_empty() { "crate".into() } else { self.path.join("::") }
    }
}

impl Tree {
    /// Reads the modules of a package's library and programs, one tree each. A program in `src/bin` is a crate of one file
    /// and has no tree.
    ///
    /// # Errors
    /// If a file is missing, or cannot be parsed.
    pub fn read(root: &Path, folder: &str) -> Result<Vec<Self>, String> {
        let roots = ["src/lib.rs", "src/main.rs"].map(|file| format!("{folder}/{file}"));
        let roots = roots.iter().filter(|file| root.join(file).is_file());
        roots.map(|file| Ok(Self { modules: read::modules(root, file)? })).collect()
    }

    /// Makes a tree of texts, each with its module's path and file, the root first.
    #[cfg(test)]
    pub fn of(modules: &[(&str, &str)]) -> Self {
        let module = |(path, text): &(&str, &str)| {
            let path: Vec<String> =
                path.split("::").filter(|part| !part.is_empty()).map(Into::into).collect();
            let file = format!("src/{}.rs", path.join("/"));
            read::parse(path, &file, text).unwrap()
        };
        Self { modules: modules.iter().flat_map(module).collect() }
    }
}
