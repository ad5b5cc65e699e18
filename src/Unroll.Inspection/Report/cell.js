// A cell that can be moved: every .live begins with its equations and derived terms as JSON. A change of a number runs all steps forward and back.
// The trees: a number, or ["op", …]; q: quantity of this step, b: state of the step before, x: input, d: δ of a quantity, p: parameter, W: matrix
// (form 0: A, 1: Aᵀ, 2: A − Aᵀ) times a vector, after: read one step later. A vector of one number stands for equal ones.
// What is no number (NaN) stays none through max, min, clip and every slope, as in the engine.
'use strict';
for (const live of document.querySelectorAll('.live')) {
  const page = JSON.parse(live.querySelector('script').textContent), last = page.x.length - 1;
  const fields = [...live.querySelectorAll('.numbers input')], slider = live.querySelector('.nudge input');
  let steps = [], sums = {}, loss = 0;

  const f = {
    neg: a => -a, sigmoid: a => a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a)), tanh: Math.tanh, relu: a => Math.max(0, a),
    softplus: a => Math.max(a, 0) + Math.log(1 + Math.exp(-Math.abs(a))), hardsigmoid: a => Math.min(Math.max(a / 6 + 0.5, 0), 1),
    exp: Math.exp, log: Math.log, sqrt: Math.sqrt,
    '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '^': (a, b) => a ** b,
    max: (a, b) => Math.max(a, b), min: (a, b) => Math.min(a, b),
    '>': (a, b) => a > b ? 1 : a < b ? 0 : a - b, '>=': (a, b) => a < b ? 0 : a > b ? 1 : a - b + 1,
  };
  const spread = (a, width) => a.length === width ? a : Array(width).fill(a[0]);
  const zip = (op, a, b) => spread(a.length > b.length ? a : b, Math.max(a.length, b.length)).map((_, i) => op(a[i % a.length], b[i % b.length]));
  const mean = a => a.reduce((sum, v) => sum + v, 0) / a.length;
  const deviation = (a, epsilon) => Math.sqrt(mean(a.map(v => (v - mean(a)) ** 2)) + epsilon);
  const times = ({ rows, columns, values }, a, turned) => turned
    ? Array.from({ length: columns }, (_, c) => a.reduce((sum, v, r) => sum + values[r * columns + c] * v, 0))
    : Array.from({ length: rows }, (_, r) => a.reduce((sum, v, c) => sum + values[r * columns + c] * v, 0));

  // The value of a tree in step t.
  const value = (tree, t) => {
    if (typeof tree === 'number') return [tree];
    const [op, one, two, three] = tree;
    switch (op) {
      case 'x': return page.x[t];
      case 'q': return steps[t].q[one];
      case 'd': return steps[t].d[one];
      case 'b': return t > 0 ? steps[t - 1].q[one] : page.states[one];
      case 'p': return page.parameters[one].values;
      case 'after': return value(one, t + 1);
      case 'loss': return value(one, t).map(v => page.counted[t] ? v : 0);
      case 'sum': return [value(one, t).reduce((sum, v) => sum + v, 0)];
      case 'outer': return value(one, t).flatMap(a => value(two, t).map(b => a * b));
      case 'clip': return value(one, t).map(v => Math.min(Math.max(v, two), three));
      case 'norm': { const a = value(one, t), d = deviation(a, two); return a.map(v => (v - mean(a)) / d); }
      case 'normBack': {
        const of = page.forward.find(row => row.name === one).value, p = value(['q', one], t), d = value(two, t), dp = mean(zip(f['*'], d, p));
        return d.map((v, i) => (v - mean(d) - p[i] * dp) / deviation(value(of[1], t), of[2]));
      }
      case 'W': {
        const matrix = page.parameters[one], a = value(two, t), plain = times(matrix, a, three === 1);
        return three === 2 ? zip(f['-'], plain, times(matrix, a, true)) : plain;
      }
      default: return two === undefined ? value(one, t).map(v => f[op](v)) : zip(f[op], value(one, t), value(two, t));
    }
  };
  // A term of a gradient; of the last step nothing is read one step later.
  const term = ({ tree, negative }, t, width) => tree[0] === 'after' && t === last ? Array(width).fill(0)
    : spread(value(tree, t), width).map(v => negative ? -v : v);
  const add = (sum, more) => sum.map((v, i) => v + more[i]);

  const forward = () => {
    steps = page.x.map(() => ({ q: {}, d: {}, terms: [] }));
    for (let t = 0; t <= last; t++) for (const row of page.forward) steps[t].q[row.name] = spread(value(row.value, t), row.width);
    loss = 0;
    for (let t = 0; t <= last; t++) if (page.counted[t]) for (const v of steps[t].q[page.output]) loss += v * v / 2;
    return loss;
  };
  const back = () => {
    sums = Object.fromEntries(page.sums.map(row => [row.name, Array(page.parameters[row.name].values.length).fill(0)]));
    for (let t = last; t >= 0; t--) {
      page.backward.forEach((row, k) => {
        const zero = Array(row.width).fill(0), terms = row.terms.map(one => term(one, t, row.width)), sum = terms.reduce(add, zero);
        if (row.name) steps[t].d[row.name] = sum;
        steps[t].terms[k] = row.name && terms.length > 1 ? [...terms, sum] : [sum];
      });
      for (const row of page.sums) for (const one of row.terms) sums[row.name] = add(sums[row.name], term(one, t, sums[row.name].length));
    }
  };

  // Four decimals, or three digits and a power of ten; a field has all digits.
  const isPlain = v => v === 0 || Math.abs(v) >= 1e-3 && Math.abs(v) < 1e4;
  const written = v => isPlain(v) ? String(v) : v.toExponential();
  const text = v => Number.isNaN(v) ? 'NaN' : !Number.isFinite(v) ? v > 0 ? '∞' : '−∞'
    : (!isPlain(v) ? v.toExponential(2) : v === 0 ? '0.0000' : v.toFixed(4)).replaceAll('-', '−');
  const show = (cells, rows) => {
    const largest = Math.max(...rows.flat().map(v => Number.isFinite(v) ? Math.abs(v) : 0)) || 1;
    cells.forEach((row, r) => row.forEach((cell, i) => {
      const v = rows[r][i];
      cell.textContent = text(v);
      cell.style.setProperty('--a', `${Math.round(55 * Math.sqrt(Math.min(1, Math.abs(v) / largest))) || 0}%`);
      cell.classList.toggle('minus', v < 0);
    }));
  };
  const cells = name => [...live.querySelectorAll(`.${name} tr[data-row]`)].map(row => [...row.querySelectorAll('td.v')]);
  const ahead = cells('ahead'), behind = cells('behind');
  const rowsAhead = () => [page.x.flat(), ...Object.keys(page.states).map(s => page.x.flatMap((_, t) => value(['b', s], t))),
    ...page.forward.map(row => steps.flatMap(step => step.q[row.name]))];
  const rowsBehind = () => page.backward.flatMap((row, k) => steps[0].terms[k].map((_, j) => steps.flatMap(step => step.terms[k][j])));
  const place = field => ({ array: field.dataset.x ? page.x[field.dataset.x] : page.parameters[field.dataset.p].values, at: +field.dataset.i });
  const gradient = field => field.dataset.x ? steps[field.dataset.x].terms.at(-1).at(-1)[field.dataset.i] : sums[field.dataset.p][field.dataset.i];

  // The first number that is none, in the order of computation: forward from the first step, back from the last.
  const notFinite = () => {
    const bad = values => values.find(v => !Number.isFinite(v));
    const found = [];
    steps.forEach((step, t) => page.forward.forEach(row => found.push([row.name, bad(step.q[row.name]), ` at step ${t + 1}, forward`])));
    found.push(['L', bad([loss]), '']);
    for (let t = last; t >= 0; t--)
      page.backward.forEach((row, k) => found.push([`δ${row.name ?? 'x'}`, bad(steps[t].terms[k].flat()), ` at step ${t + 1}, backward`]));
    page.sums.forEach(row => found.push([`δ${row.name}`, bad(sums[row.name]), '']));
    const first = found.find(([, v]) => v !== undefined);
    return first ? `${first[0]} is ${text(first[1])}${first[2]}; what is computed from it may be no finite number either.` : '';
  };

  // A slider from −reach to reach: 3, or for a number that is small or large beside it about twice its size.
  const reachOf = v => {
    const size = Math.abs(v);
    if (size === 0 || size >= 0.05 && size <= 3) return 3;
    const power = 10 ** Math.floor(Math.log10(2 * size));
    return +([1, 2, 5, 10].find(n => n * power >= 2 * size) * power).toPrecision(1);
  };
  const part = (reach, most, of3) => reach === 3 ? of3 : +(reach / most).toPrecision(1);
  const fitField = field => { field.step = part(reachOf(+field.value), 50, 0.05); };
  const fitSlider = v => {
    const reach = reachOf(v);
    [slider.min, slider.max, slider.step] = [-reach, reach, part(reach, 500, 0.01)];
  };
  const choose = field => {
    chosen = field;
    const { array, at } = place(field);
    fitSlider(array[at]);
  };

  let chosen;
  const draw = () => {
    forward();
    back();
    show(ahead, rowsAhead());
    show(behind, rowsBehind());
    for (const field of fields) field.nextElementSibling.textContent = text(gradient(field));
    const { array, at } = place(chosen), before = array[at], h = 1e-4;
    const nudged = by => { array[at] = before + by; const l = forward(); array[at] = before; return l; };
    const difference = (nudged(h) - nudged(-h)) / (2 * h);
    forward();
    back();
    fields.forEach(field => field.parentElement.classList.toggle('chosen', field === chosen));
    live.querySelector('.nudge .name').textContent = chosen.title;
    live.querySelector('.nudge .loss').textContent = text(loss);
    live.querySelector('.nudge .terms').textContent = text(gradient(chosen));
    live.querySelector('.nudge .difference').textContent = text(difference);
    slider.value = before;
    const none = live.querySelector('.none');
    none.textContent = notFinite();
    none.hidden = none.textContent === '';
  };
  const change = (field, v) => {
    if (!Number.isFinite(v)) return;
    const { array, at } = place(field);
    array[at] = v;
    draw();
  };
  for (const field of fields) {
    fitField(field);
    field.addEventListener('focus', () => { choose(field); draw(); });
    field.addEventListener('input', () => {
      if (Number.isFinite(field.valueAsNumber)) fitSlider(field.valueAsNumber);
      change(field, field.valueAsNumber);
    });
    field.addEventListener('change', () => fitField(field));
  }
  slider.addEventListener('input', () => { chosen.value = written(slider.valueAsNumber); change(chosen, slider.valueAsNumber); });
  live.querySelectorAll('.counts input').forEach((box, t) => box.addEventListener('change', () => { page.counted[t] = box.checked ? 1 : 0; draw(); }));
  live.querySelector('.reset').addEventListener('click', () => {
    for (const field of fields) {
      const { array, at } = place(field);
      array[at] = +field.defaultValue;
      field.value = field.defaultValue;
      fitField(field);
    }
    choose(chosen);
    live.querySelectorAll('.counts input').forEach((box, t) => { box.checked = true; page.counted[t] = 1; });
    draw();
  });

  choose(fields[0]);
  draw();
  // The numbers that came with the page were computed in another program: both must agree before anything moves.
  // Each row is compared in its own size, and one of rounding errors alone in that of all rows forward, or all back.
  const theirs = page.initial.map(Number);
  const largest = values => Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  const same = (rows, at) => {
    const all = 1e-4 * largest(rows.flat());
    return rows.every(row => {
      const within = 1e-9 * Math.max(all, largest(row));
      return row.every(v => { const other = theirs[at++]; return Object.is(v, other) || Math.abs(v - other) <= within; });
    });
  };
  const aheadRows = [[loss], ...rowsAhead()], behindRows = [...rowsBehind(), ...page.sums.map(row => sums[row.name])];
  const split = aheadRows.flat().length;
  const agrees = split + behindRows.flat().length === theirs.length && same(aheadRows, 0) && same(behindRows, split);
  live.dataset.agrees = agrees;
  if (!agrees) live.querySelector('.warning').hidden = false;
}
