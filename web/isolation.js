// Refuses text of people that isn't isolated: a right-to-left name would reorder the times and words around it.
// What a page shows of type `string` stands in <bdi> (or <code>), or was worded by t(), which isolates what it is given.
import { ESLintUtils } from '@typescript-eslint/utils';
import ts from 'typescript';

/** Calls that give words, numbers, times or isolated text. */
const worded = /^(t|word\w*|format\w+|faultText|describeFault|isolate|join|shortenDigest|sendLabel|time|use\w+)$/;
/** Members and parameters that hold such words already, or what is no text of people. */
const words = /^(label|hint|fault|faults|told|words|value|votes|share|action|confirm|legend|summary|children|status|said|address|host|path|code|digest|receipt|encoding|zoneHint|report|tagline|count|record|line|detail)$/;
const shown = /^(aria-label|aria-description|aria-valuetext|title|alt|placeholder)$/;
const isolating = new Set(['bdi', 'code', 'pre', 'option']);

const create = (context) => {
  const services = ESLintUtils.getParserServices(context);
  const isText = (node) => {
    const type = services.getTypeAtLocation(node);
    const types = type.isUnion() ? type.types : [type];
    // A ReactNode is looked at where its text comes from.
    return types.some(({ flags }) => flags & ts.TypeFlags.String) && !types.some(({ flags }) => flags & ts.TypeFlags.Object);
  };
  const nameOf = (node) => (node.type === 'MemberExpression' ? nameOf(node.property) : node.type === 'Identifier' ? node.name : '');

  /** The parts of an expression that are shown and could be text of people. */
  const findLoose = (node) => {
    switch (node.type) {
      case 'ConditionalExpression':
        return [...findLoose(node.consequent), ...findLoose(node.alternate)];
      case 'LogicalExpression':
        return node.operator === '&&' ? findLoose(node.right) : [...findLoose(node.left), ...findLoose(node.right)];
      case 'TemplateLiteral':
        return node.expressions.flatMap(findLoose);
      case 'CallExpression':
        return worded.test(nameOf(node.callee)) || !isText(node) ? [] : [node];
      case 'Identifier':
      case 'MemberExpression':
        return words.test(nameOf(node)) || !isText(node) ? [] : [node];
      default:
        return [];
    }
  };
  const report = (node, fix = null) =>
    context.report({ node, fix, message: 'Isolate it: <bdi> in a page, isolate() in an attribute, or t().' });

  return {
    'JSXElement > JSXExpressionContainer, JSXFragment > JSXExpressionContainer'(container) {
      if (isolating.has(container.parent.openingElement?.name.name)) return;
      const wrap = (fixer) => [fixer.insertTextBefore(container, '<bdi>'), fixer.insertTextAfter(container, '</bdi>')];
      findLoose(container.expression).forEach((node) => report(node, wrap));
    },
    'JSXAttribute > JSXExpressionContainer'({ parent, expression }) {
      const isElement = /^[a-z]/.test(parent.parent.name.name ?? '');
      if (isElement && shown.test(parent.name.name)) findLoose(expression).forEach((node) => report(node));
    },
  };
};

export default { rules: { isolated: { meta: { type: 'problem', fixable: 'code', schema: [] }, create } } };
