namespace Unroll.Tasks.Forecast;

/// <summary>What is known of a series at an origin, before the network has said anything: units, anchors, and the rule that is mixed in.</summary>
internal sealed class Outlook
{
    private readonly ForecastDescription _description;
    private readonly LevelUnit[] _units;                    // of each column
    private readonly double[][] _anchors;                   // [columns][horizon], relative levels
    private readonly double[]?[] _rules;                    // the same; null: none is mixed in
    private readonly IReadOnlyList<double> _spreads;        // of each column; empty: 1

    /// <param name="description">The model's.</param>
    /// <param name="units">The unit of each column (and input) at the origin.</param>
    /// <param name="levels">[columns][rows]; those before the origin are looked at.</param>
    /// <param name="origin">The first step to forecast.</param>
    /// <param name="spreads">The series' own spreads.</param>
    internal Outlook(ForecastDescription description, LevelUnit[] units, double[][] levels, int origin, IReadOnlyList<double> spreads)
    {
        (_description, _units, _spreads) = (description, units, spreads);
        _anchors = new double[levels.Length][];
        _rules = new double[levels.Length][];
        for (int c = 0; c < levels.Length; c++)
        {
            ForecastColumn column = description.Columns[c];
            _anchors[c] = new double[description.Horizon];
            Anchors(column, levels[c], origin, units[c], description.Season, _anchors[c]);
            if (description.WeightOf(c) < 1) _rules[c] = Rule(column, levels[c], origin, units[c], _anchors[c]);
        }
    }

    /// <summary>The unit of a column.</summary>
    internal LevelUnit Unit(int column) => _units[column];

    /// <summary>The factor of a column's intervals in this series.</summary>
    internal double Spread(int column) => _spreads.Count > 0 ? _spreads[column] : 1;

    /// <summary>What the network should say of a level: its distance from the anchor, in scales.</summary>
    internal double Target(int column, int step, double level) =>
        (_units[column].Relative(level) - _anchors[column][step - 1]) / _description.Columns[column].Scales[step - 1];

    /// <summary>The relative level that many scales above the anchor.</summary>
    internal double Relative(int column, int step, double scales) =>
        _anchors[column][step - 1] + scales * _description.Columns[column].Scales[step - 1];

    /// <summary>The level that many scales above the anchor.</summary>
    internal double Level(int column, int step, double scales) => _units[column].ToLevel(Relative(column, step, scales));

    /// <summary>
    /// By how much a forecast that minimizes squares, a mean of values, exceeds the value of the mean level; σ = √(π / 2) mean |e|, as of a normal
    /// distribution.
    /// </summary>
    internal double MeanAbove(int column, int step, double value, double spread)
    {
        ForecastColumn own = _description.Columns[column];
        double deviation = Math.Sqrt(Math.PI / 2) * spread * own.Scales[step - 1] * _units[column].Size;
        return own.Transform.MeanAbove(value, deviation * deviation);
    }

    //  center = w network + (1 − w) rule
    /// <summary>What the network says, mixed with the rule by the weight that the validation part fixed.</summary>
    internal double Mixed(int column, int step, double center)
    {
        if (_rules[column] is not { } rule) return center;
        double weight = _description.WeightOf(column);
        return weight * center + (1 - weight) * RuleOf(column, step, rule);
    }

    /// <summary>[horizon]: the rule's forecasts in scales above the anchor, whether it is mixed in or not.</summary>
    internal double[] RuleCenters(int column, double[] levels, int origin)
    {
        double[] rule = Rule(_description.Columns[column], levels, origin, _units[column], _anchors[column]);
        return [.. Enumerable.Range(1, rule.Length).Select(step => RuleOf(column, step, rule))];
    }

    private double RuleOf(int column, int step, double[] rule) =>
        (rule[step - 1] - _anchors[column][step - 1]) / _description.Columns[column].Scales[step - 1];

    /// <summary>The anchors of all steps, as relative levels.</summary>
    /// <param name="column">Which anchor.</param>
    /// <param name="levels">Those before the origin are looked at.</param>
    /// <param name="origin">The first step to forecast.</param>
    /// <param name="unit">The unit at the origin.</param>
    /// <param name="season">m.</param>
    /// <param name="anchors">[horizon]; overwritten.</param>
    internal static void Anchors(ForecastColumn column, double[] levels, int origin, LevelUnit unit, int season, double[] anchors)
    {
        if (column.Anchor == AnchorKind.Ar) LevelAutoregression.Forecast(column.Autoregression, levels, origin, unit, anchors);
        else if (column.Anchor == AnchorKind.Mean) Array.Fill(anchors, column.Level.Mean);
        else
            for (int step = 1; step <= anchors.Length; step++)
                anchors[step - 1] = unit.Relative(Forecast.Anchors.Value(column.Anchor, levels, origin, step, season, 0));
    }

    private double[] Rule(ForecastColumn column, double[] levels, int origin, LevelUnit unit, double[] anchors)
    {
        if (column.Autoregression.Count == 0 || column.Anchor == AnchorKind.Ar) return anchors;
        double[] rule = new double[anchors.Length];
        LevelAutoregression.Forecast(column.Autoregression, levels, origin, unit, rule);
        return rule;
    }
}
