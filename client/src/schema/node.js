/**
 * A field that has values inside it, flattened for the codec: a tree of nodes.
 *
 * The values of an array or a list share one node, and with it their contexts: a list of 32 learns from all of its values, and
 * needs no more contexts than one.
 */

/** @import { Field, FieldKind } from "./kinds.js" */

import { CHOICE, LIST, codingOf } from "./coding.js";
import { widthOf } from "./kinds.js";

/** A node without values inside it. */
const LEAF = 0;
/** A node with one value of each inner node. */
const STRUCT = 1;
/** A node with as many values of its one inner node as its width allows. */
const ARRAY = 2;
/** A node with as many values of its one inner node as the first column says. */
const ITEMS = 3;
/** A node with one value of each inner node of the variant that the first column says. */
const VARIANTS = 4;

/** One value inside a field, or the field itself. */
export class Node {
  /** Its first column, counted from that of the value that it is inside. For an item: of the first item. */
  start;
  /** The number of its columns. */
  width;
  /** The index of its contexts among those of the part's fields. The contexts of inner nodes follow those of the fields. */
  contexts;
  /** The coding that its contexts are for. */
  coding;
  /** True if the first column says which values are inside. */
  hasShape;
  /** The number of its columns that are not those of values inside it. */
  ownWidth;
  #type;
  /** @type {Node[][]} For each variant the nodes inside; one list for the other types. */
  #inner;
  /** The layout of a leaf, which serves all of its values, one after another. */
  #layout;

  /**
   * @param {FieldKind} kind
   * @param {boolean} linear
   * @param {number} start
   * @param {number} contexts
   * @param {{ contexts: number }} next the index of the next contexts; those of inner nodes are taken from there
   */
  constructor(kind, linear, start, contexts, next) {
    this.start = start;
    this.width = widthOf(kind);
    this.contexts = contexts;
    const inside = nodesInside(kind, next);
    this.#type = inside.type;
    this.#inner = inside.nodes;
    this.hasShape = inside.type === ITEMS || inside.type === VARIANTS;
    this.coding = inside.type === LEAF ? codingOf(kind) : inside.type === ITEMS ? LIST : CHOICE;
    this.ownWidth = inside.type === LEAF ? this.width : this.hasShape ? 1 : 0;
    this.#layout = { start, end: start + this.width, coding: this.coding, linear };
  }

  /** True if it has no values inside. */
  get isLeaf() {
    return this.#type === LEAF;
  }

  /** True if its values are the items of a list. */
  get isList() {
    return this.#type === ITEMS;
  }

  /**
   * The layout of a value of a leaf. It is valid until the next call.
   *
   * @param {number} start its first column in the row
   */
  layoutAt(start) {
    this.#layout.start = start;
    this.#layout.end = start + this.width;
    return this.#layout;
  }

  /**
   * The number of values directly inside a value.
   *
   * @param {number} shape its length or its variant; 0 if it has none
   */
  count(shape) {
    switch (this.#type) {
      case ITEMS:
        return shape;
      case ARRAY:
        return this.width / this.#inner[0][0].width;
      default:
        return this.#inner[shape].length;
    }
  }

  /**
   * The node of a value directly inside.
   *
   * @param {number} shape
   * @param {number} index
   */
  inner(shape, index) {
    return this.#type === ITEMS || this.#type === ARRAY ? this.#inner[0][0] : this.#inner[shape][index];
  }

  /**
   * The first column of a value directly inside, counted from that of the outer one.
   *
   * @param {number} shape
   * @param {number} index
   */
  startOf(shape, index) {
    const inner = this.inner(shape, index);
    return this.#type === ITEMS || this.#type === ARRAY ? inner.start + index * inner.width : inner.start;
  }

  /**
   * Calls `visit` for each node inside this one, in the order in which their contexts are numbered.
   *
   * @param {(node: Node) => void} visit
   */
  visitInner(visit) {
    for (const node of this.#inner.flat()) {
      visit(node);
      node.visitInner(visit);
    }
  }
}

/**
 * @param {FieldKind} kind
 * @param {{ contexts: number }} next
 * @returns {{ type: number, nodes: Node[][] }}
 */
function nodesInside(kind, next) {
  switch (kind.type) {
    case "Struct":
      return { type: STRUCT, nodes: [inOrder(kind.fields, 0, next)] };
    case "Array":
      return { type: ARRAY, nodes: [inOrder([kind.item], 0, next)] };
    case "List":
      return { type: ITEMS, nodes: [inOrder([kind.item], 1, next)] };
    case "Option":
      return { type: VARIANTS, nodes: [[], inOrder([kind.item], 1, next)] };
    case "Variants":
      return { type: VARIANTS, nodes: kind.variants.map(({ start, fields }) => inOrder(fields, start, next)) };
    default:
      return { type: LEAF, nodes: [[]] };
  }
}

/**
 * The nodes of some fields, one after another.
 *
 * @param {Field[]} fields
 * @param {number} start the first column
 * @param {{ contexts: number }} next
 */
function inOrder(fields, start, next) {
  let end = start;
  return fields.map(({ kind, linear }) => {
    const node = new Node(kind, linear, end, next.contexts++, next);
    end += node.width;
    return node;
  });
}
