//! A value generalisation hierarchy: a tree of labels by number, 0 its root.

/// The labels of one attribute. Label 0 is the root (`*`); every other label
/// names its parent.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    parents: Vec<Option<u16>>,
}

impl Hierarchy {
    /// A hierarchy from each label's parent. The first label is the root and a
    /// parent stands before its children; `None` when it is not so.
    #[must_use]
    pub fn new(parents: Vec<Option<u16>>) -> Option<Hierarchy> {
        let sound = parents.iter().enumerate().all(|(label, parent)| match parent {
            None => label == 0,
            Some(parent) => usize::from(*parent) < label,
        });
        (sound && !parents.is_empty()).then_some(Hierarchy { parents })
    }

    /// The label one step more general; the root has none.
    #[must_use]
    pub fn parent(&self, label: u16) -> Option<u16> {
        self.parents.get(usize::from(label)).copied().flatten()
    }

    /// The child of `label` on the way down to `leaf`; `None` when `leaf` is
    /// `label` itself or does not lie below it.
    #[must_use]
    pub fn step_towards(&self, label: u16, leaf: u16) -> Option<u16> {
        let mut at = leaf;
        while let Some(parent) = self.parent(at) {
            if parent == label {
                return Some(at);
            }
            at = parent;
        }
        None
    }

    /// Whether `leaf` is `label` or lies below it.
    #[must_use]
    pub fn covers(&self, label: u16, leaf: u16) -> bool {
        label == leaf || self.step_towards(label, leaf).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_down_one_label_at_a_time() {
        // 0 -> 1 -> 3, 0 -> 2
        let hierarchy = Hierarchy::new(vec![None, Some(0), Some(0), Some(1)]).unwrap();
        assert_eq!(hierarchy.step_towards(0, 3), Some(1));
        assert_eq!(hierarchy.step_towards(1, 3), Some(3));
        assert_eq!(hierarchy.step_towards(3, 3), None);
        assert_eq!(hierarchy.step_towards(2, 3), None);
        assert!(hierarchy.covers(0, 3) && hierarchy.covers(3, 3) && !hierarchy.covers(2, 3));
        assert!(Hierarchy::new(vec![None, Some(2), Some(0)]).is_none());
        assert!(Hierarchy::new(vec![None, None]).is_none());
    }
}
