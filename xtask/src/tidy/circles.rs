//! Circles of modules that import each other.

use super::Finding;
use super::modules::Tree;

/// Modules in a circle: two may know each other, three are a knot.
const MAX_CIRCLE: usize = 2;

/// Checks a crate's trees and returns the size of the largest circle; 1 if there is none.
///
/// A module and one inside it may import each other: they are one thing in two files.
pub fn check(trees: &[Tree], findings: &mut Vec<Finding>) -> usize {
    let mut largest = 1;
    for tree in trees {
        for circle in circles(tree) {
            largest = largest.max(circle.len());
            if circle.len() > MAX_CIRCLE {
                let mut names: Vec<String> =
                    circle.iter().map(|module| tree.modules[*module].name()).collect();
                names.sort();
                let message = format!(
                    "{} modules import each other in a circle: {}; break it up",
                    names.len(),
                    names.join(", ")
                );
                let file = tree.modules[circle[0]].file.clone();
                findings.push(Finding { file, line: None, rule: "import circle", message });
            }
        }
    }
    largest
}

/// The strongly connected sets of a crate's modules, its root left out.
fn circles(tree: &Tree) -> Vec<Vec<usize>> {
    let mut uses = vec![Vec::new(); tree.modules.len()];
    for import in tree.imports() {
        let [from, to] = [import.from, import.to].map(|module| &tree.modules[module].path);
        if !from.starts_with(to) && !to.starts_with(from) {
            uses[import.from].push(import.to);
        }
    }
    // Two modules are in one circle if each reaches the other. Crates are small: the plain way is quick enough.
    let reached: Vec<Vec<bool>> = (0..uses.len()).map(|from| reach(&uses, from)).collect();
    let mut seen = vec![false; uses.len()];
    let mut circles = Vec::new();
    for module in 0..uses.len() {
        if !std::mem::replace(&mut seen[module], true) {
            let others =
                (module + 1..uses.len()).filter(|other| reached[module][*other] && reached[*other][module]);
            let circle: Vec<usize> = [module].into_iter().chain(others).collect();
            for &member in &circle {
                seen[member] = true;
            }
            circles.push(circle);
        }
    }
    circles
}

fn reach(uses: &[Vec<usize>], from: usize) -> Vec<bool> {
    let mut reached = vec![false; uses.len()];
    let mut waiting = vec![from];
    while let Some(module) = waiting.pop() {
        for &used in &uses[module] {
            if !std::mem::replace(&mut reached[used], true) {
                waiting.push(used);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn largest(modules: &[(&str, &str)]) -> (usize, Vec<Finding>) {
        let mut findings = Vec::new();
        (check(&[Tree::of(modules)], &mut findings), findings)
    }

    #[test]
    fn a_circle_of_three_is_reported_with_its_members() {
        let (size, found) = largest(&[
            ("", ""),
            ("a", "use crate::b::B;"),
            ("b", "use crate::c::C;"),
            ("c", "use crate::a::A;"),
            ("d", "use crate::a::A;"),
        ]);
        assert_eq!((size, found.len()), (3, 1));
        assert!(found[0].message.contains("a, b, c;"), "{}", found[0]);
    }

    #[test]
    fn a_pair_is_allowed_and_counted() {
        assert_eq!(largest(&[("", ""), ("a", "use crate::b::B;"), ("b", "use crate::a::A;")]), (2, vec![]));
    }

    #[test]
    fn a_module_and_its_child_are_one() {
        assert_eq!(largest(&[("", ""), ("a", "mod b; use b::X;"), ("a::b", "use super::Y;")]), (1, vec![]));
    }
}
