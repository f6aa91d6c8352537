//! What the store needs to know of a DAG: which nodes are steps, what they are called, where they have something to
//! do, which come first, which one gives the output.
//!
//! Read from the DAG as it is stored, so that it is the same for a new saga and for an adopted one.

use crate::context::Direction;
use serde::Deserialize;
use serde_json::Value;

/// A node of a DAG that is a declared step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// Its number in the log.
    pub node: u32,
    pub step: String,
    /// Something is done here on the way forward.
    pub acts: bool,
    /// Something is done here when the saga unwinds.
    pub undoes: bool,
}

/// In which directions a step has something to do; kept in the DAG as the label of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deeds {
    pub act: bool,
    pub undo: bool,
}

impl Deeds {
    pub fn label(self) -> &'static str {
        match (self.act, self.undo) {
            (true, true) => "step",
            (true, false) => "step without undo",
            (false, true) => "undo only",
            (false, false) => "nothing to do",
        }
    }

    /// An unknown label is of a step that does all it can.
    fn of_label(label: &str) -> Deeds {
        let all = [(true, false), (false, true), (false, false)].map(|(act, undo)| Deeds { act, undo });
        all.into_iter().find(|deeds| deeds.label() == label).unwrap_or(Deeds { act: true, undo: true })
    }
}

#[derive(Debug)]
struct StepNode {
    name: String,
    deeds: Deeds,
}

/// An event that is in the log from the beginning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Opening {
    pub node: u32,
    pub kind: &'static str,
    pub data: Option<Value>,
}

#[derive(Debug)]
pub(crate) struct DagShape {
    /// By node number; `None` for the nodes that steno adds.
    steps: Vec<Option<StepNode>>,
    pub output_node: u32,
    opening: Vec<Opening>,
}

/// The stored form, as far as it matters here.
#[derive(Deserialize)]
struct StoredDag {
    graph: StoredGraph,
    start_node: u32,
    end_node: u32,
}

#[derive(Deserialize)]
struct StoredGraph {
    nodes: Vec<Value>,
    edges: Vec<(u32, u32, Value)>,
}

impl DagShape {
    /// Errors: the DAG isn't one, or has no single last step.
    pub fn of(dag: &Value) -> Result<DagShape, String> {
        let StoredDag { graph, start_node, end_node } =
            StoredDag::deserialize(dag).map_err(|e| format!("not a saga's DAG: {e}"))?;
        let mut last = graph.edges.iter().filter(|(_, to, _)| *to == end_node);
        let (Some((output_node, ..)), None) = (last.next(), last.next()) else {
            return Err("the DAG doesn't end in one step".to_owned());
        };
        let first = graph.edges.iter().filter(|(from, ..)| *from == start_node).map(|(_, to, _)| *to);
        let steps = graph.nodes.iter().map(step_node).collect();
        Ok(DagShape { steps, output_node: *output_node, opening: opening(start_node, first) })
    }

    /// True if a deed runs at this node in this direction, so that its beginning must be durable first.
    pub fn has_deed(&self, node: u32, direction: Direction) -> bool {
        self.step(node).is_some_and(|step| match direction {
            Direction::Forward => step.deeds.act,
            Direction::Undo => step.deeds.undo,
        })
    }

    /// The name of the step at this node; `None` for a node that steno added.
    pub fn step_name(&self, node: u32) -> Option<&str> {
        self.step(node).map(|step| step.name.as_str())
    }

    pub fn name(&self, node: u32) -> String {
        self.step_name(node).map_or_else(|| format!("node {node}"), str::to_owned)
    }

    pub fn nodes(&self) -> Vec<NodeInfo> {
        (0u32..)
            .zip(&self.steps)
            .filter_map(|(node, step)| {
                let StepNode { name, deeds } = step.as_ref()?;
                Some(NodeInfo { node, step: name.clone(), acts: deeds.act, undoes: deeds.undo })
            })
            .collect()
    }

    /// The events that a saga is created with. Its first steps count as started: they run as soon as the creation is
    /// durable, so a commit of its own for that would only be waited for.
    pub fn opening(&self) -> &[Opening] {
        &self.opening
    }

    fn step(&self, node: u32) -> Option<&StepNode> {
        self.steps.get(node as usize)?.as_ref()
    }
}

fn opening(start_node: u32, first: impl Iterator<Item = u32>) -> Vec<Opening> {
    let start = [("started", None), ("succeeded", Some(Value::Null))];
    let of_start = start.map(|(kind, data)| Opening { node: start_node, kind, data });
    of_start.into_iter().chain(first.map(|node| Opening { node, kind: "started", data: None })).collect()
}

fn step_node(node: &Value) -> Option<StepNode> {
    let action = node.get("Action")?;
    let text = |field: &str| action.get(field)?.as_str();
    let deeds = Deeds::of_label(text("label").unwrap_or_default());
    Some(StepNode { name: text("name")?.to_owned(), deeds })
}
