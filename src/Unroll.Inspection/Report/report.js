// Draws the charts of a report: each .plot is followed by its data as JSON.
'use strict';
(() => {
  const { brief, cellUnder, child, draws, open, option, pointed } = unrollCharts;

  // Sixteen bits a number in base 64; the last code is a gap.
  const unpack = chart => {
    const text = atob(chart.packed), values = new Float32Array(text.length / 2), unit = (chart.max - chart.min) / 65534;
    for (let i = 0; i < values.length; i++) {
      const k = text.charCodeAt(2 * i) | text.charCodeAt(2 * i + 1) << 8;
      values[i] = k === 65535 ? NaN : chart.min + k * unit;
    }
    return values;
  };

  // A matrix that is packed is drawn as a picture.
  const single = box => {
    const chart = JSON.parse(box.nextElementSibling.textContent);
    if (!chart.packed) return [draws(open(box, 'svg'), chart)];
    const values = unpack(chart), view = open(box, 'canvas');
    const whole = { ...chart, kind: 'picture', scale: true, at: (line, column) => values[line * chart.columns.length + column] };
    pointed(view, whole);
    return [draws(view, whole)];
  };

  // Maps of the same units and steps. A click on a unit shows all its curves below; all are zoomed together.
  const units = box => {
    const chart = JSON.parse(box.nextElementSibling.textContent), again = [], views = [];
    const maps = chart.maps.map(map => {
      const values = unpack(map), n = map.order.length;
      const rows = map.order.map(unit => `unit ${unit}`), value = (unit, step) => values[step * n + unit];
      return { ...map, kind: 'picture', columns: chart.columns, rows, xName: '', yName: '', value, at: (line, step) => value(map.order[line], step) };
    });
    const figures = maps.map(map => {
      const figure = child(box, 'div'), title = child(figure, 'h4', map.title), scale = child(title, 'span', brief(map.min));
      scale.className = 'scale';
      child(scale, 'i').className = map.diverging ? 'diverging' : 'growing';
      scale.append(brief(map.max));
      const plot = child(figure, 'div');
      plot.className = 'map';
      return plot;
    });
    const panel = child(box, 'div');
    panel.className = 'curve';
    const title = child(panel, 'h4'), below = child(panel, 'div');
    let chosen = maps[0].order[0];

    const curves = () => {
      const shown = maps.filter(map => chosen < map.order.length);
      const made = option({ kind: 'lines', xName: '', yName: '', log: false, fromZero: false, x: chart.columns, bands: [], marks: [],
        lines: shown.map(map => ({ name: map.name, stroke: map.bounded ? 'solid' : 'dashed', values: chart.columns.map((_, step) => value(map, step)) })) });
      if (made.dataZoom.length === 0) made.dataZoom = [{ type: 'inside', zoomOnMouseWheel: 'ctrl' }];
      const free = shown.some(map => !map.bounded), right = { ...made.yAxis, splitLine: { show: false }, position: 'right' };
      made.yAxis = free && shown.some(map => map.bounded) ? [{ ...made.yAxis, min: shown.some(map => map.bounded && map.min < 0) ? -1 : 0, max: 1 }, right] : made.yAxis;
      if (Array.isArray(made.yAxis)) made.series.forEach((line, i) => { line.yAxisIndex = shown[i].bounded ? 0 : 1; });
      return made;
    };
    const value = (map, step) => { const v = map.value(chosen, step); return Number.isNaN(v) ? null : v; };
    const curve = open(below, 'svg');
    const show = () => {
      title.textContent = `unit ${chosen}: ${maps.map(map => map.name).join(', ')}` + (maps.some(map => !map.bounded) ? ' (broken lines: right-hand axis)' : '');
      curve.resize();
      curve.setOption(curves(), true);
    };
    let zooming = false;
    const together = from => from.on('datazoom', () => {
      if (zooming) return;
      zooming = true;
      const { start, end } = from.getOption().dataZoom[0];
      for (const view of [...views, curve]) if (view !== from) view.dispatchAction({ type: 'dataZoom', dataZoomIndex: 0, start, end });
      zooming = false;
    });
    maps.forEach((map, i) => {
      const view = open(figures[i], 'canvas');
      views.push(view);
      pointed(view, map);
      together(view);
      view.getZr().on('click', event => {
        const cell = cellUnder(view, event);
        if (!cell) return;
        chosen = map.order[cell[1]];
        show();
      });
      again.push(draws(view, map));
    });
    together(curve);
    again.push(show);
    return again;
  };

  const drawn = [...document.querySelectorAll('.plot, .units')].flatMap(box => box.className === 'units' ? units(box) : single(box));
  const draw = () => drawn.forEach(again => again());
  const paper = on => { document.documentElement.classList.toggle('paper', on); draw(); };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('beforeprint', () => paper(true));
  addEventListener('afterprint', () => paper(false));
})();
