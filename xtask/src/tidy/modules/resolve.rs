//! Finds the module that defines the item of a path, through re-exports.

use super::{Import, Tree};

/// Re-exports that are followed in a row; a longer chain is a circle of re-exports.
const MAX_REEXPORTS: usize = 16;

impl Tree {
    /// Returns every import of another module of the crate.
    pub fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (from, module) in self.modules.iter().enumerate() {
            for mention in &module.mentions {
                if let Some(to) = self.resolve(from, &mention.segments, 0).filter(|to| *to != from) {
                    imports.push(Import { from, to, path: mention.segments.join("::"), line: mention.line });
                }
            }
        }
        imports
    }

    /// Returns the module that defines a path's item; `None` if it is another crate's.
    fn resolve(&self, from: usize, segments: &[String], reexports: usize) -> Option<usize> {
        let mut module = from;
        let mut rest = segments;
        while let Some((name, after)) = rest.split_first() {
            match name.as_str() {
                "crate" => module = 0,
                "self" => {}
                "super" => module = self.parent(module)?,
                _ => break,
            }
            rest = after;
        }
        // Without one of these words, the first name is another crate's unless it is known here.
        let relative = rest.len() < segments.len();
        if !relative && !rest.first().is_some_and(|name| self.is_other(module, name, segments)) {
            return None;
        }
        self.descend(module, rest, segments, reexports)
    }

    /// Returns true if a name is a child's, or bound by another path than the one that is looked for: `use a::b` binds `b`.
    fn is_other(&self, module: usize, name: &str, path: &[String]) -> bool {
        self.child(module, name).is_some() || self.bound(module, name, path).is_some()
    }

    /// Follows the names of a path from a module down.
    fn descend(
        &self,
        mut module: usize,
        mut rest: &[String],
        path: &[String],
        reexports: usize,
    ) -> Option<usize> {
        if reexports > MAX_REEXPORTS {
            return None;
        }
        while let Some((name, after)) = rest.split_first() {
            if let Some(child) = self.child(module, name) {
                (module, rest) = (child, after);
                continue;
            }
            if let Some(target) = self.bound(module, name, path) {
                let target: Vec<String> = target.iter().chain(after).cloned().collect();
                return self.resolve(module, &target, reexports + 1);
            }
            let here = &self.modules[module];
            if !here.items.contains(name) {
                let globs = here.globs.iter().filter_map(|glob| self.resolve(module, glob, reexports + 1));
                let mut globs = globs.filter(|glob| *glob != module && self.defines(*glob, name));
                if let Some(glob) = globs.next() {
                    return self.descend(glob, rest, path, reexports + 1);
                }
            }
            break;
        }
        Some(module)
    }

    fn bound(&self, module: usize, name: &str, path: &[String]) -> Option<&[String]> {
        let mut bindings = self.modules[module].bindings.iter();
        let binding = bindings.find(|binding| binding.name == name && binding.target != path)?;
        Some(&binding.target)
    }

    fn defines(&self, module: usize, name: &str) -> bool {
        let here = &self.modules[module];
        here.items.contains(name)
            || here.bindings.iter().any(|binding| binding.name == *name)
            || self.child(module, name).is_some()
    }

    fn child(&self, module: usize, name: &str) -> Option<usize> {
        let path = &self.modules[module].path;
        let is_child = |other: &[String]| {
            other.split_last().is_some_and(|(last, before)| last == name && before == path)
        };
        self.modules.iter().position(|other| is_child(&other.path))
    }

    fn parent(&self, module: usize) -> Option<usize> {
        let (_, parent) = self.modules[module].path.split_last()?;
        self.modules.iter().position(|other| other.path == parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The imports as `from -> to`.
    fn imports(modules: &[(&str, &str)]) -> Vec<String> {
        let tree = Tree::of(modules);
        let name = |index: usize| tree.modules[index].name();
        tree.imports().iter().map(|import| format!("{} -> {}", name(import.from), name(import.to))).collect()
    }

    #[test]
    fn imports_are_found_in_declarations_paths_and_macros() {
        let user = "use crate::{b::B, c}; fn f() -> super::b::B { println!(\"{}\", crate::d::x()); c::g() }";
        let found = imports(&[("", ""), ("a", user), ("b", ""), ("c", ""), ("d", "")]);
        assert_eq!(found, ["a -> b", "a -> c", "a -> b", "a -> d"]);
    }

    #[test]
    fn comments_strings_and_test_modules_are_ignored() {
        let user =
            "// crate::b::B\nconst X: &str = \"crate::b::B\";\n#[cfg(test)] mod tests { use crate::b::B; }";
        assert_eq!(imports(&[("", ""), ("a", user), ("b", "")]), [""; 0]);
    }

    #[test]
    fn reexports_lead_to_the_module_that_defines_the_item() {
        let root = "mod a; mod b; pub use b::B; pub use b::inner::*; pub use other::Foreign;";
        let inner = ("b::inner", "pub struct D;");
        let found =
            imports(&[("", root), ("a", "use crate::{B, D, Foreign};"), ("b", "pub struct B;"), inner]);
        assert_eq!(found[2..], ["a -> b", "a -> b::inner"]);
    }

    #[test]
    fn an_item_of_the_root_itself_leads_to_the_root() {
        assert_eq!(imports(&[("", "fn f() {}"), ("a", "use crate::f;")]), ["a -> crate"]);
    }
}
