// Charts of the page: those of the reports (charts.js), drawn again when their numbers, the page's width or its colors change.
const drawn = new Set();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn.forEach(again => again()));

// A chart in a box; `label` says in words what it shows.
const live = (box, change = made => made) => {
  box.setAttribute('role', 'img');
  let view = null, chart = null;
  const again = () => {
    if (!chart || !box.isConnected || box.clientWidth === 0) return;
    view ??= unrollCharts.open(box, 'canvas');
    view.resize();
    view.setOption(change(unrollCharts.option({ ...chart, width: view.getWidth() - 20 }), chart), true);
  };
  drawn.add(again);
  new ResizeObserver(again).observe(box);
  return {
    show(next, label) {
      chart = next;
      box.setAttribute('aria-label', label);
      again();
    },
    get view() { return view; },
    again,
  };
};

const plain = { kind: 'lines', xName: '', yName: '', log: false, fromZero: false, bands: [], marks: [] };

export const linesIn = (box, change) => {
  const own = live(box, change);
  return { ...own, get view() { return own.view; }, show: (chart, label) => own.show({ ...plain, ...chart }, label) };
};

// A map of rows × columns as a picture: rows[units], columns[steps], at(row, column).
export const mapIn = box => {
  const shown = {};
  let pointed = false;
  const own = live(box, (made, chart) => {
    const between = Math.max(0, Math.ceil(16 * chart.rows.length / Math.max(40, box.clientHeight - 90)) - 1);    // a line of text for each label
    return { ...made, dataZoom: [], yAxis: { ...made.yAxis, axisLabel: { ...made.yAxis.axisLabel, interval: between } } };
  });
  return {
    show(chart, label) {
      own.show({ kind: 'picture', xName: '', yName: '', scale: true, ...chart }, label);
      Object.assign(shown, chart);
      if (own.view && !pointed) {
        unrollCharts.pointed(own.view, shown);
        pointed = true;
      }
    },
    // Tells the row that was pressed.
    pressed(press) {
      box.addEventListener('click', event => {
        if (!own.view) return;
        const cell = unrollCharts.cellUnder(own.view, { offsetX: event.offsetX, offsetY: event.offsetY });
        if (cell) press(cell[1]);
      });
    },
  };
};

export const line = (name, values, stroke = 'solid') => ({ name, values, stroke });
