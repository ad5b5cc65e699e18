// Draws the charts of a report: each .plot is followed by its data as JSON. Colours come from the page's style, so that light, dark
// and paper are decided in one place.
'use strict';
(() => {
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const series = i => colour('s' + (i % 6 + 1));
  const escape = text => echarts.format.encodeHTML(String(text));
  const number = value => value === null || value === undefined || Number.isNaN(value) ? '–'
    : value === 0 ? '0'
    : Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4 ? value.toExponential(2)
    : value.toLocaleString('en', { maximumSignificantDigits: 5 });
  const row = (mark, name, value) => `${mark || ''}${escape(name)}&ensp;<b>${escape(value)}</b>`;

  const tooltip = (trigger, formatter) => ({
    trigger, formatter, confine: true, backgroundColor: colour('panel'), borderColor: colour('rule'), borderWidth: 1,
    textStyle: { color: colour('ink'), fontSize: 12 }, axisPointer: { lineStyle: { color: colour('soft'), type: 'solid' } },
  });
  const axis = (name, extra) => ({
    name, nameLocation: 'middle', nameTextStyle: { color: colour('soft') },
    axisLine: { show: true, lineStyle: { color: colour('rule') } }, axisTick: { show: false },
    axisLabel: { color: colour('soft'), hideOverlap: true }, splitLine: { lineStyle: { color: colour('grid') } }, ...extra,
  });
  const legend = (names, entries = names) => ({
    show: names.length > 1, data: entries, top: 0, left: 0, itemWidth: 18, itemHeight: 9, itemGap: 16, type: 'scroll',
    textStyle: { color: colour('ink') }, pageTextStyle: { color: colour('soft') }, inactiveColor: colour('rule'),
  });
  const grid = (names, zoom) => ({ left: 8, right: 26, top: names.length > 1 ? 44 : 20, bottom: zoom ? 56 : 10, outerBoundsMode: 'same', outerBoundsContain: 'all' });

  const line = (item, i, points) => ({
    name: item.name, type: 'line', data: item.values, z: 10 - Math.min(i, 7), connectNulls: false,
    showSymbol: item.stroke === 'points' || points < 2, showAllSymbol: true, symbol: 'circle', symbolSize: item.stroke === 'points' ? (points > 120 ? 3.2 : 4.5) : 5,
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

  const lines = chart => {
    const names = [...chart.lines.map(item => item.name), ...chart.bands.map(item => item.name)];
    const zoom = chart.x.length > 150;
    const marks = chart.marks.length === 0 ? undefined : {
      silent: true, symbol: 'none', lineStyle: { color: colour('soft'), type: [3, 3] }, data: chart.marks.map(mark => ({
        xAxis: mark.index, label: { formatter: mark.label, color: colour('soft'), position: 'end', distance: 3 } })),
    };
    const drawn = chart.lines.map((item, i) => line(item, i, chart.x.length));
    if (drawn.length > 0) drawn[0].markLine = marks;
    return {
      legend: legend(names, [...chart.lines.map(item => item.name), ...chart.bands.map((item, i) => (
        { name: item.name, icon: 'rect', itemStyle: { color: series(0), opacity: i === 0 ? 0.2 : 0.4 } }))]),
      grid: grid(names, zoom),
      xAxis: axis(chart.xName, { type: 'category', data: chart.x, boundaryGap: false, nameGap: 28, splitLine: { show: false } }),
      yAxis: axis(chart.yName, { type: chart.log ? 'log' : 'value', scale: !chart.fromZero, nameGap: 8, nameLocation: 'middle',
        axisLabel: { color: colour('soft'), formatter: number } }),
      series: [...chart.bands.flatMap((item, i) => band(item, i, chart.bands.length)), ...drawn],
      dataZoom: !zoom ? [] : [{ type: 'inside', zoomOnMouseWheel: 'ctrl' }, { type: 'slider', height: 18, bottom: 4, borderColor: colour('rule'),
        textStyle: { color: colour('soft') }, fillerColor: colour('s1') + '22', brushSelect: false, showDetail: false }],
      tooltip: tooltip('axis', items => {
        const at = items[0].dataIndex;
        const marker = name => (items.find(item => item.seriesName === name) || {}).marker;
        return [`<b>${escape(items[0].axisValue)}</b>`, ...chart.lines.map(item => row(marker(item.name), item.name, number(item.values[at]))),
          ...chart.bands.filter(item => item.lower[at] !== null).map(item => row(marker(item.name), item.name, `${number(item.lower[at])} to ${number(item.upper[at])}`))].join('<br>');
      }),
    };
  };

  const heatmap = chart => {
    const step = 10 ** (Math.floor(Math.log10(chart.max - chart.min)) - 2);          // the scale's limits to three digits of its span
    return {
      grid: { left: 8, right: 18, top: 12, bottom: 52, outerBoundsMode: 'same', outerBoundsContain: 'all' },
      xAxis: axis(chart.xName, { type: 'category', data: chart.columns, nameGap: 26, splitLine: { show: false } }),
      yAxis: axis(chart.yName, { type: 'category', data: chart.rows, inverse: true, nameGap: 8, splitLine: { show: false } }),
      visualMap: {
        min: chart.min, max: chart.max, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemWidth: 12, itemHeight: 180,
        text: [chart.max, chart.min].map(limit => number(Math.round(limit / step) * step)), textStyle: { color: colour('soft') },
        inRange: { color: chart.diverging ? [colour('minus'), colour('middle'), colour('plus')] : [colour('low'), colour('high')] },
      },
      series: [{ type: 'heatmap', data: chart.values.flatMap((values, y) => values.map((value, x) => [x, y, value ?? '-'])),
        emphasis: { itemStyle: { borderColor: colour('ink'), borderWidth: 1 } }, progressive: 0 }],
      tooltip: tooltip('item', item => row('', `${chart.rows[item.value[1]]}, ${chart.columns[item.value[0]]}`, number(item.value[2]))),
    };
  };

  const bars = chart => {
    const names = chart.groups.map(item => item.name);
    const fill = (i, at) => names.length > 1 || chart.highlight === undefined ? series(i) : colour(at === chart.highlight ? 's1' : 's6');
    return {
      legend: legend(names), grid: { ...grid(names), right: 64 },
      xAxis: axis(chart.valueName, { type: 'value', nameGap: 28, axisLabel: { color: colour('soft'), formatter: number, hideOverlap: true } }),
      yAxis: axis('', { type: 'category', data: chart.categories, inverse: true, splitLine: { show: false },
        axisLabel: { color: colour('ink'), width: 170, overflow: 'truncate' } }),
      series: chart.groups.map((item, i) => ({
        name: item.name, type: 'bar', barMaxWidth: 22, itemStyle: { color: series(i) }, emphasis: { disabled: true },
        data: item.values.map((value, at) => ({ value, itemStyle: { color: fill(i, at), opacity: chart.highlight === undefined || at === chart.highlight ? 1 : 0.6 } })),
        label: { show: true, position: 'right', color: colour('ink'), formatter: bar => number(bar.value) } })),
      tooltip: tooltip('axis', items => [`<b>${escape(items[0].name)}</b>`, ...items.map(item => row(item.marker, item.seriesName, number(item.value)))].join('<br>')),
    };
  };

  const option = chart => ({
    animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 }, aria: { enabled: false },
    ...{ lines, heatmap, bars }[chart.kind](chart),
  });

  const drawn = [...document.querySelectorAll('.plot')].map(box => {
    const data = JSON.parse(box.nextElementSibling.textContent);
    const many = data.kind === 'heatmap' && data.rows.length * data.columns.length > 10000;        // too many shapes for SVG
    const view = echarts.init(box, null, { renderer: many ? 'canvas' : 'svg' });
    new ResizeObserver(() => view.resize()).observe(box);
    return () => { view.resize(); view.setOption(option(data), true); };
  });
  const draw = () => drawn.forEach(again => again());
  const paper = on => { document.documentElement.classList.toggle('paper', on); draw(); };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  addEventListener('beforeprint', () => paper(true));
  addEventListener('afterprint', () => paper(false));
})();
