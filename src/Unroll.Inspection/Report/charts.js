// The charts of reports and of the server's page, drawn by ECharts. Colours come from the page's style, so that light, dark and paper are
// decided in one place.
'use strict';
const unrollCharts = (() => {
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const series = i => colour('s' + (i % 8 + 1));
  const number = value => value === null || value === undefined || Number.isNaN(value) ? '–'
    : value === 0 ? '0'
    : Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4 ? value.toExponential(2)
    : value.toLocaleString('en', { maximumSignificantDigits: 5 });
  const brief = value => number(Number(value.toPrecision(3)));
  // How wide a text is in the page's font: what is laid out by hand must have room for letters of every script.
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const textWidth = text => pen.measureText(String(text)).width;
  const child = (parent, name, text) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    parent.append(made);
    return made;
  };

  // What a pointer is told, made of elements: names and values are text, whatever stands in them.
  const told = (title, rows) => {
    const box = document.createElement('div');
    if (title !== null) child(box, 'b', String(title));
    for (const [ink, name, value] of rows) {
      const line = child(box, 'div');
      if (ink) {
        const mark = child(line, 'span');
        mark.className = 'mark';
        mark.style.backgroundColor = ink;
      }
      line.append(`${name}\u2002`);
      child(line, 'b', String(value));
    }
    return box;
  };

  const tooltip = (trigger, formatter) => ({
    trigger, formatter, confine: true, backgroundColor: colour('panel'), borderColor: colour('rule'), borderWidth: 1,
    textStyle: { color: colour('ink'), fontSize: 12 }, axisPointer: { lineStyle: { color: colour('soft'), type: 'solid' } },
  });
  const axis = (name, extra) => ({
    name, nameLocation: 'middle', nameTextStyle: { color: colour('soft') },
    axisLine: { show: true, lineStyle: { color: colour('rule') } }, axisTick: { show: false },
    axisLabel: { color: colour('soft'), hideOverlap: true }, splitLine: { lineStyle: { color: colour('grid') } }, ...extra,
  });
  // A legend takes as many lines as it needs: nothing of it is cut, and the chart begins below it.
  const legend = (names, entries = names) => ({
    show: names.length > 1, data: entries, top: 0, left: 0, right: 0, itemWidth: 18, itemHeight: 9, itemGap: 16, type: 'plain',
    textStyle: { color: colour('ink') }, inactiveColor: colour('rule'),
  });
  const legendRows = (names, width) => {
    let rows = 1, used = 0;
    for (const name of names) {
      const item = 40 + textWidth(name);
      if (used > 0 && used + item > width) { rows++; used = 0; }
      used += item;
    }
    return rows;
  };
  const grid = (names, zoom, width = 480) => ({ left: 8, right: 26, top: names.length > 1 ? 22 + 22 * legendRows(names, width) : 20, bottom: zoom ? 56 : 10, outerBoundsMode: 'same', outerBoundsContain: 'all' });

  // A value with gaps on both sides has no line: it is shown as a point.
  const isLone = values => values.map((value, at) => value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null);
  const symbols = (item, points) => {
    if (item.stroke === 'points') return { showSymbol: true, symbolSize: points > 120 ? 3.2 : 4.5 };
    const lone = isLone(item.values);
    return { showSymbol: lone.includes(true), symbolSize: (_, place) => lone[place.dataIndex] ? 5 : 0 };
  };

  const line = (item, i, points) => ({
    name: item.name, type: 'line', data: item.values, z: 10 - Math.min(i, 7), connectNulls: false,
    showAllSymbol: true, symbol: 'circle', ...symbols(item, points),
    itemStyle: { color: series(i) }, emphasis: { disabled: true },
    lineStyle: { width: item.stroke === 'points' ? 0 : 1.7, type: item.stroke === 'dashed' ? [5, 4] : 'solid', color: series(i) },
  });

  // A band is two stacked lines: an invisible one at its lower edge, and its width upon it.
  const band = (item, i, count) => {
    const common = { type: 'line', stack: 'band' + i, stackStrategy: 'all', symbol: 'none', silent: true, lineStyle: { opacity: 0 }, z: 1 };
    const shade = { color: series(0), opacity: count > 1 ? 0.13 : 0.18 };
    const width = item.upper.map((upper, k) => upper === null || item.lower[k] === null ? null : upper - item.lower[k]);
    return [{ ...common, name: item.name + ' lower', data: item.lower }, { ...common, name: item.name, data: width, areaStyle: shade, itemStyle: shade }];
  };

  const markLine = (marks, position = 'end', ink = colour('soft')) => marks.length === 0 ? undefined : {
    silent: true, symbol: 'none', lineStyle: { color: ink, type: [3, 3] }, data: marks.map(mark => ({
      xAxis: mark.index, label: { formatter: mark.label, color: ink, position, distance: 3 } })),
  };

  const lines = chart => {
    const names = [...chart.lines.map(item => item.name), ...chart.bands.map(item => item.name)];
    const zoom = chart.x.length > 150;
    const marks = markLine(chart.marks);
    const drawn = chart.lines.map((item, i) => line(item, i, chart.x.length));
    if (drawn.length > 0) drawn[0].markLine = marks;
    return {
      legend: legend(names, [...chart.lines.map(item => item.name), ...chart.bands.map((item, i) => (
        { name: item.name, icon: 'rect', itemStyle: { color: series(0), opacity: i === 0 ? 0.2 : 0.4 } }))]),
      grid: grid(names, zoom, chart.width),
      xAxis: axis(chart.xName, { type: 'category', data: chart.x, boundaryGap: false, nameGap: 28, splitLine: { show: false } }),
      yAxis: axis(chart.yName, { type: chart.log ? 'log' : 'value', scale: !chart.fromZero, nameGap: 8, nameLocation: 'middle',
        axisLabel: { color: colour('soft'), formatter: number } }),
      series: [...chart.bands.flatMap((item, i) => band(item, i, chart.bands.length)), ...drawn],
      dataZoom: !zoom ? [] : [{ type: 'inside', zoomOnMouseWheel: 'ctrl' }, { type: 'slider', height: 18, bottom: 4, borderColor: colour('rule'),
        textStyle: { color: colour('soft') }, fillerColor: colour('s1') + '22', brushSelect: false, showDetail: false }],
      tooltip: tooltip('axis', items => {
        const at = items[0].dataIndex;
        const ink = name => (items.find(item => item.seriesName === name) || {}).color;
        return told(items[0].axisValue, [...chart.lines.map(item => [ink(item.name), item.name, number(item.values[at])]),
          ...chart.bands.filter(item => item.lower[at] !== null).map(item => [ink(item.name), item.name, `${number(item.lower[at])} to ${number(item.upper[at])}`])]);
      }),
    };
  };

  // Where there are few, every label is shown, in as many lines as it takes below its own column.
  const axisLabels = (names, width) => ({ axisLabel: names.length > 12 ? { color: colour('soft'), hideOverlap: true, width, overflow: 'truncate' }
    : { color: colour('soft'), interval: 0, hideOverlap: false, width, overflow: 'break' } });
  const labelWidth = (names, most) => Math.min(most, Math.max(...names.map(textWidth)));
  const heatmap = chart => {
    const most = Math.min(260, 0.35 * chart.width), columns = chart.width - labelWidth(chart.rows, most) - 60;
    const step = 10 ** (Math.floor(Math.log10(chart.max - chart.min)) - 2);          // the scale's limits to three digits of its span
    return {
      grid: { left: 8, right: 18, top: chart.marks.length > 0 ? 26 : 12, bottom: 52, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: axis(chart.xName, { type: 'category', data: chart.columns, nameGap: 26, splitLine: { show: false },
        ...axisLabels(chart.columns, chart.columns.length > 12 ? 170 : Math.max(24, columns / chart.columns.length - 8)) }),
      yAxis: axis(chart.yName, { type: 'category', data: chart.rows, inverse: true, nameGap: 8, splitLine: { show: false },
        ...axisLabels(chart.rows, most) }),
      visualMap: {
        min: chart.min, max: chart.max, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemWidth: 12, itemHeight: 180,
        text: [chart.max, chart.min].map(limit => number(Math.round(limit / step) * step)), textStyle: { color: colour('soft') },
        inRange: { color: chart.diverging ? [colour('minus'), colour('middle'), colour('plus')] : [colour('low'), colour('high')] },
      },
      series: [{ type: 'heatmap', label: !chart.texts ? { show: false } : { show: true, fontSize: 11, formatter: cell => chart.texts[cell.value[1]][cell.value[0]],
          color: colour('ink'), textBorderColor: colour('panel'), textBorderWidth: 2 },
        data: chart.values.flatMap((values, y) => values.map((value, x) => [x, y, value ?? '-'])),
        emphasis: { itemStyle: { borderColor: colour('ink'), borderWidth: 1 } }, progressive: 0, markLine: markLine(chart.marks, 'start', series(1)) }],
      tooltip: tooltip('item', item => told(null, [[null, `${chart.rows[item.value[1]]}, ${chart.columns[item.value[0]]}`, number(item.value[2])
        + (chart.texts ? ` (${chart.texts[item.value[1]][item.value[0]] || 0})` : '')]])),
    };
  };

  // A line from the lower to the upper end of an interval, across the end of its bar.
  const interval = item => ({
    name: item.name, type: 'custom', silent: true, z: 5, encode: { x: [1, 2], y: 0 }, data: item.low.map((low, at) => [at, low, item.high[at]]),
    renderItem: (_, api) => {
      const [from, y] = api.coord([api.value(1), api.value(0)]), to = api.coord([api.value(2), api.value(0)])[0];
      const path = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: colour('ink'), lineWidth: 1.4 } });
      return { type: 'group', children: [path(from, y, to, y), path(from, y - 4, from, y + 4), path(to, y - 4, to, y + 4)] };
    },
  });

  const bars = chart => {
    const names = chart.groups.map(item => item.name);
    const fill = (i, at) => names.length > 1 || chart.highlight === undefined ? series(i) : colour(at === chart.highlight ? 's1' : 's6');
    return {
      legend: legend(names), grid: { ...grid(names, false, chart.width), right: 64 },
      xAxis: axis(chart.valueName, { type: 'value', nameGap: 28, axisLabel: { color: colour('soft'), formatter: number, hideOverlap: true } }),
      yAxis: axis('', { type: 'category', data: chart.categories, inverse: true, splitLine: { show: false },
        axisLabel: { color: colour('ink'), width: 170, overflow: chart.categories.length > 8 ? 'truncate' : 'break' } }),
      series: [...chart.groups.map((item, i) => ({
        name: item.name, type: 'bar', barMaxWidth: 22, itemStyle: { color: series(i) }, emphasis: { disabled: true },
        data: item.values.map((value, at) => ({ value, itemStyle: { color: fill(i, at), opacity: chart.highlight === undefined || at === chart.highlight ? 1 : 0.6 } })),
        label: { show: !item.low, position: 'right', color: colour('ink'), formatter: bar => number(bar.value) } })), ...chart.groups.filter(item => item.low).map(interval)],
      tooltip: tooltip('axis', items => told(items[0].name, items.filter(item => item.seriesType === 'bar').map(item =>
        [item.color, item.seriesName, number(item.value)]))),
    };
  };

  // One line a thing across all axes, colored by the last one; the one that is set off lies on top.
  const parallel = chart => {
    const last = chart.axes.length - 1, values = chart.rows.map(row => row[last]), min = Math.min(...values), max = Math.max(...values);
    const log = chart.axes[last].log, scale = value => log ? Math.log(value) : value;
    const shade = value => max > min ? (scale(value) - scale(min)) / (scale(max) - scale(min)) : 0;
    const [from, to] = ['s2', 's1'].map(name => [1, 3, 5].map(at => parseInt(colour(name).slice(at, at + 2), 16)));
    const ink = value => `rgb(${from.map((part, i) => Math.round(part + (to[i] - part) * shade(value))).join(',')})`;
    const text = (axis, value) => axis.categories ? axis.categories[value] : number(value);
    const ends = axis => {
      const own = chart.rows.map(row => row[chart.axes.indexOf(axis)]), [low, high] = [Math.min(...own), Math.max(...own)];
      return high > low ? { min: low, max: high } : axis.log ? { min: low / 2, max: high * 2 } : { min: low - 1, max: high + 1 };
    };
    const item = i => ({ value: chart.axes.map((axis, k) => axis.categories ? axis.categories[chart.rows[i][k]] : chart.rows[i][k]), name: chart.names[i],
      lineStyle: { color: ink(values[i]), width: i === chart.highlight ? 3.4 : 1.3, opacity: i === chart.highlight ? 1 : 0.65 } });
    const order = chart.rows.map((_, i) => i).sort((a, b) => (a === chart.highlight) - (b === chart.highlight) || values[b] - values[a]);
    return {
      parallel: { left: 44, right: 64, top: 42, bottom: 26, parallelAxisDefault: { nameLocation: 'end', nameGap: 14,
        nameTextStyle: { color: colour('ink'), fontSize: 12 }, axisLine: { lineStyle: { color: colour('soft') } }, axisTick: { show: false },
        axisLabel: { color: colour('ink'), textBorderColor: colour('paper'), textBorderWidth: 3,
          formatter: value => typeof value === 'number' ? brief(value) : value }, splitLine: { show: false } } },
      parallelAxis: chart.axes.map((axis, dim) => axis.categories ? { dim, name: axis.name, type: 'category', data: axis.categories }
        : { dim, name: axis.name, type: axis.log ? 'log' : 'value', ...ends(axis) }),
      series: [{ type: 'parallel', data: order.map(item), smooth: false, progressive: 0, inactiveOpacity: 0.06, activeOpacity: 1,
        emphasis: { lineStyle: { width: 3.4, opacity: 1 } } }],
      tooltip: tooltip('item', one => told(one.name, chart.axes.map((axis, k) =>
        [null, axis.name, text(axis, chart.rows[order[one.dataIndex]][k])]))),
    };
  };

  const stops = chart => (chart.diverging ? ['minus', 'middle', 'plus'] : ['low', 'high']).map(colour);
  const palette = chart => {
    const parts = stops(chart).map(hex => [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16)));
    return Array.from({ length: 256 }, (_, k) => {
      const place = k / 255 * (parts.length - 1), i = Math.min(Math.floor(place), parts.length - 2);
      return parts[i].map((from, channel) => from + (parts[i + 1][channel] - from) * (place - i));
    });
  };

  // A large matrix as one image of the grid's size, painted anew when it is zoomed: as shapes it would be slow. A pixel that covers several
  // columns shows their mean.
  const paint = (chart, box, [x0, y0], [width, height]) => {
    const scale = devicePixelRatio || 1, w = Math.max(1, Math.round(box.width * scale)), h = Math.max(1, Math.round(box.height * scale));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [w, h];
    const context = canvas.getContext('2d'), image = context.createImageData(w, h), colours = palette(chart);
    const at = (pixel, start, origin, size) => (start + pixel / scale - origin) / size + 0.5;
    for (let x = 0; x < w; x++) {
      const left = at(x, box.x, x0, width), first = Math.floor(left), last = Math.max(first + 1, Math.floor(left + 1 / scale / width));
      for (let y = 0; y < h; y++) {
        const row = Math.floor(at(y, box.y, y0, height));
        if (row < 0 || row >= chart.rows.length) continue;
        let sum = 0, count = 0;
        for (let column = Math.max(first, 0); column < last && column < chart.columns.length; column++) {
          const value = chart.at(row, column);
          if (!Number.isNaN(value)) { sum += value; count++; }
        }
        if (count === 0) continue;
        const share = (sum / count - chart.min) / (chart.max - chart.min);
        const [r, g, b] = colours[Math.max(0, Math.min(255, Math.round(255 * share)))];
        image.data.set([r, g, b, 255], 4 * (y * w + x));
      }
    }
    context.putImageData(image, 0, 0);
    return canvas;
  };

  const mostOfRow = 150;
  const picture = chart => ({
    grid: { left: 14 + labelWidth(chart.rows, mostOfRow) + (chart.yName ? 18 : 0), right: 18, top: chart.marks?.length > 0 ? 26 : 8, bottom: chart.scale ? 82 : 24,
      outerBoundsMode: 'none' },
    xAxis: axis(chart.xName, { type: 'category', data: chart.columns, nameGap: 24, splitLine: { show: false } }),
    yAxis: axis(chart.yName, { type: 'category', data: chart.rows, inverse: true, nameGap: labelWidth(chart.rows, mostOfRow) + 14, splitLine: { show: false },
      axisLabel: { color: colour('soft'), hideOverlap: true, width: mostOfRow, overflow: 'truncate' } }),
    dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl' },
      { type: 'inside', yAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'shift' }],
    series: [{
      type: 'custom', data: [[0, 0]], silent: true, clip: false, markLine: chart.marks && markLine(chart.marks, 'start', series(1)),
      renderItem: (params, api) => {
        const { x, y, width, height } = params.coordSys;
        return { type: 'image', silent: true, style: { image: paint(chart, params.coordSys, api.coord([0, 0]), api.size([1, 1])), x, y, width, height } };
      },
    }],
    visualMap: !chart.scale ? undefined : {
      seriesIndex: [], min: chart.min, max: chart.max, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemWidth: 12, itemHeight: 180,
      text: [chart.max, chart.min].map(brief), textStyle: { color: colour('soft') }, inRange: { color: stops(chart) },
    },
  });

  // What lies under the pointer, beside it.
  const tip = document.createElement('div');
  tip.className = 'tip';
  document.body.append(tip);
  const cellUnder = (view, event) => {
    const place = [event.offsetX, event.offsetY];
    return view.containPixel('grid', place) ? view.convertFromPixel('grid', place) : null;
  };
  const pointed = (view, chart) => {
    view.getZr().on('mousemove', event => {
      const cell = cellUnder(view, event);
      tip.style.display = cell ? 'block' : 'none';
      if (!cell) return;
      const [column, line] = cell, box = view.getDom().getBoundingClientRect(), right = box.left + event.offsetX > innerWidth / 2;
      tip.replaceChildren(told(null, [[null, `${chart.rows[line]}, ${chart.columns[column]}`, number(chart.at(line, column))]]));
      tip.style.left = right ? '' : `${box.left + event.offsetX + 14}px`;
      tip.style.right = right ? `${document.documentElement.clientWidth - box.left - event.offsetX + 14}px` : '';
      tip.style.top = `${box.top + event.offsetY + 14}px`;
    });
    view.getZr().on('globalout', () => { tip.style.display = 'none'; });
  };

  const option = chart => ({
    animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 }, aria: { enabled: false },
    ...{ lines, heatmap, bars, parallel, picture }[chart.kind](chart),
  });

  const open = (box, renderer) => {
    const view = echarts.init(box, null, { renderer });
    new ResizeObserver(() => view.resize()).observe(box);
    return view;
  };
  const draws = (view, chart) => () => { view.resize(); view.setOption(option({ ...chart, width: view.getWidth() - 20 }), true); };

  return { brief, cellUnder, child, draws, open, option, pointed };
})();
