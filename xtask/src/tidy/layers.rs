//! The layers of each crate: a module imports only from its own layer and from earlier ones.

use std::collections::HashMap;

use super::Finding;
use super::crates::{LIST, Package};
use super::modules::{Module, Tree};

const RULE: &str = "layers";

/// Checks the imports of a crate against its list of layers, and the list against its modules.
pub fn check(package: &Package, trees: &[Tree], findings: &mut Vec<Finding>) {
    let layers = package.layers.iter().enumerate();
    let layer_of: HashMap<&str, usize> = layers
        .flat_map(|(index, layer)| layer.modules().iter().map(move |name| (name.as_str(), index)))
        .collect();
    for tree in trees {
        for import in tree.imports() {
            let (from, to) = (&tree.modules[import.from], &tree.modules[import.to]);
            let [Some(layer), Some(imported)] = [from, to].map(|module| position(module, &layer_of)) else {
                continue;
            };
            if layer < imported {
                findings.push(Finding {
                    file: from.file.clone(),
                    line: Some(import.line),
                    rule: RULE,
                    message: message(&import.path, from, to),
                });
            }
        }
    }
    check_list(package, trees, &layer_of, findings);
}

fn message(path: &str, from: &Module, to: &Module) -> String {
    let Some(later) = to.path.first() else {
        return format!(
            "`{path}` is defined in the crate's root, which is above all layers; move it into a module"
        );
    };
    let user = from.path.first().expect("the root may import everything");
    format!(
        "`{path}` imports from the later layer `{later}` into `{user}`; move the item down, or its user up"
    )
}

/// A module's place among the layers; the root, which may use all of them, comes last. `None` if the module is not listed.
fn position(module: &Module, layer_of: &HashMap<&str, usize>) -> Option<usize> {
    match module.path.first() {
        Some(top) => layer_of.get(top.as_str()).copied(),
        None => Some(usize::MAX),
    }
}

/// Finds modules that are not in the list, and names in it that are no modules.
fn check_list(
    package: &Package,
    trees: &[Tree],
    layer_of: &HashMap<&str, usize>,
    findings: &mut Vec<Finding>,
) {
    let modules = trees.iter().flat_map(|tree| &tree.modules);
    let tops: HashMap<&str, &str> = modules
        .filter(|module| module.path.len() == 1)
        .map(|module| (module.path[0].as_str(), module.file.as_str()))
        .collect();
    let mut find = |file: &str, message| {
        findings.push(Finding { file: file.into(), line: None, rule: RULE, message });
    };
    let mut unlisted: Vec<_> = tops.iter().filter(|(name, _)| !layer_of.contains_key(*name)).collect();
    unlisted.sort();
    for (name, file) in unlisted {
        find(file, format!("module `{name}` is in no layer; add it to `{}` in {LIST}", package.name));
    }
    let mut absent: Vec<_> = layer_of.keys().filter(|name| !tops.contains_key(*name)).collect();
    absent.sort();
    for name in absent {
        find(LIST, format!("`{}` has no module `{name}`; remove it from the layers", package.name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(layers: &str, modules: &[(&str, &str)]) -> Vec<String> {
        let text = format!("name = \"x\"\nfolder = \"x\"\nlayers = {layers}");
        let mut findings = Vec::new();
        check(&toml::from_str(&text).unwrap(), &[Tree::of(modules)], &mut findings);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_import_from_a_later_layer_is_reported() {
        let modules =
            [("", "mod low; mod high;"), ("low", "\nuse crate::high::Thing;"), ("high", "pub struct Thing;")];
        let found = findings(r#"["low", "high"]"#, &modules);
        assert_eq!(
            found,
            ["src/low.rs:2: [layers] `crate::high::Thing` imports from the later layer `high` into \
                           `low`; move the item down, or its user up"]
        );
        assert_eq!(findings(r#"["high", "low"]"#, &modules), [""; 0]);
    }

    #[test]
    fn a_circle_between_two_layers_is_reported_on_one_side() {
        let modules =
            [("", ""), ("a", "use crate::b::inner::x;"), ("b", "use super::a::y;"), ("b::inner", "")];
        assert_eq!(findings(r#"["a", "b"]"#, &modules).len(), 1);
        assert_eq!(findings(r#"["b", "a"]"#, &modules).len(), 1);
        assert_eq!(
            findings(r#"[["a", "b"]]"#, &modules),
            [""; 0],
            "modules of one layer may import each other"
        );
    }

    #[test]
    fn a_reexport_through_the_root_does_not_hide_an_import() {
        let modules =
            [("", "pub use high::Thing;"), ("low", "use crate::Thing;"), ("high", "pub struct Thing;")];
        assert_eq!(findings(r#"["low", "high"]"#, &modules).len(), 1);
    }

    #[test]
    fn an_item_of_the_root_is_above_all_layers() {
        let found = findings(r#"["a"]"#, &[("", "pub struct Thing;"), ("a", "use crate::Thing;")]);
        assert!(found[0].contains("move it into a module"), "{found:?}");
    }

    #[test]
    fn the_list_and_the_modules_are_the_same() {
        let found = findings(r#"["a", "gone"]"#, &[("", ""), ("a", ""), ("new", "")]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("src/new.rs") && found[1].contains("no module `gone`"), "{found:?}");
    }
}
