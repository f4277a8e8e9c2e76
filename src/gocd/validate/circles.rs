//! Which nodes of a graph can reach each other.

/// For each node the number of its component: two nodes are in the same one when each reaches the other. `edges[n]` are
/// the nodes that `n` points at. Does not recurse.
pub fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut search = Search {
        order: vec![None; edges.len()],
        low: vec![0; edges.len()],
        component: vec![usize::MAX; edges.len()],
        stack: Vec::new(),
        next: 0,
        found: 0,
    };
    for node in 0..edges.len() {
        if search.order[node].is_none() {
            search.from(node, edges);
        }
    }
    search.component
}

/// Tarjan's search.
struct Search {
    order: Vec<Option<usize>>,
    low: Vec<usize>,
    component: Vec<usize>,
    stack: Vec<usize>,
    next: usize,
    found: usize,
}

impl Search {
    fn from(&mut self, start: usize, edges: &[Vec<usize>]) {
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            match edges[node].get(*at) {
                Some(&to) => {
                    *at += 1;
                    match self.order[to] {
                        None => {
                            self.enter(to);
                            path.push((to, 0));
                        }
                        Some(order) if self.component[to] == usize::MAX => {
                            self.low[node] = self.low[node].min(order);
                        }
                        Some(_) => {}
                    }
                }
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        self.low[*parent] = self.low[*parent].min(self.low[node]);
                    }
                    self.leave(node);
                }
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.order[node] = Some(self.next);
        self.low[node] = self.next;
        self.next += 1;
        self.stack.push(node);
    }

    fn leave(&mut self, node: usize) {
        if self.order[node] != Some(self.low[node]) {
            return;
        }
        while let Some(member) = self.stack.pop() {
            self.component[member] = self.found;
            if member == node {
                break;
            }
        }
        self.found += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn nodes_between_two_circles_are_in_none() {
        // 0 ⇄ 1 → 2 → 3 ⇄ 4, 5 alone
        let found = components(&[vec![1], vec![0, 2], vec![3], vec![4], vec![3], vec![]]);
        assert_eq!(found[0], found[1]);
        assert_eq!(found[3], found[4]);
        assert_ne!(found[0], found[3]);
        assert!([0, 1, 3, 4, 5].iter().all(|other| found[*other] != found[2]));
    }

    #[test]
    fn a_long_chain_does_not_overflow_the_stack() {
        let length = 200_000;
        let edges: Vec<Vec<usize>> = (0..length).map(|node| vec![(node + 1) % length]).collect();
        let found = components(&edges);
        assert!(found.iter().all(|component| *component == found[0]));
    }
}
