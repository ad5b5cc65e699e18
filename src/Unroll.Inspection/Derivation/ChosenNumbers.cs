using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Inspection.Derivation;

/// <summary>Completes what someone gave of a definition's numbers: the rest is drawn, of one decimal, the same at every call.</summary>
internal static class ChosenNumbers
{
    private const int Units = 2, MostUnits = 8, MostInputs = 8, MostSteps = 20;
    private static readonly double[] s_inputs = [1, -1, 0.5, -0.5, 0.25];

    public static CellNumbers Of(CellDerivation derivation, GivenNumbers given)
    {
        foreach (GivenParameter one in given.Parameters) RequireKnown(derivation.Definition, one, given.File);
        int units = UnitsOf(derivation, given);
        IReadOnlyList<double[]> x = given.Steps ?? Inputs(derivation.Definition.ReadsInputByUnit ? units : 1);
        if (derivation.Definition.ReadsInputByUnit && x[0].Length != units) throw new UserErrorException(
            $"input: expected {units} numbers a step because the cell uses x unit by unit and has {units} units, found {x[0].Length}.");
        Require("input, numbers a step", x[0].Length, MostInputs);
        Require("input, steps", x.Count, MostSteps);
        List<NumbersParameter> parameters = [];
        foreach (DefinedParameter one in derivation.Definition.Parameters)
        {
            (int rows, int columns) = CellNumbers.ShapeOf(derivation, one.Name, x[0].Length, units);
            double[] values = given.Parameters.FirstOrDefault(each => each.Name == one.Name) is { } found
                ? Fitting(found, rows, columns, given.File, units, x[0].Length)
                : Drawn(one, rows, columns);
            parameters.Add(new(one.Name, columns, values));
        }
        return new CellNumbers(derivation, units, x, parameters) { Given = [.. given.Parameters.Select(one => one.Name)] };
    }

    private static void RequireKnown(CellDefinition definition, GivenParameter one, string file)
    {
        string[] names = [.. definition.Parameters.Select(parameter => parameter.Name)];
        if (!names.Contains(one.Name)) throw new UserErrorException($"{file}, line {one.Line}: the cell has no parameter '{one.Name}'"
            + NearestName.Question(one.Name, names, $"expected one of {string.Join(", ", names)}."));
    }

    // As many as a given parameter has whose rows are the units: a matrix has a row a unit, a vector a number.
    private static int UnitsOf(CellDerivation derivation, GivenNumbers given)
    {
        foreach (GivenParameter one in given.Parameters)
        {
            DefinedParameter parameter = derivation.Definition.Parameters.First(each => each.Name == one.Name);
            (int few, _) = CellNumbers.ShapeOf(derivation, one.Name, 1, 4);
            (int many, _) = CellNumbers.ShapeOf(derivation, one.Name, 1, 8);
            if ((few, many) != (4, 8)) continue;
            int units = parameter.Kind == ParameterKind.Matrix || one.Rows.Count > 1 ? one.Rows.Count : one.Rows[0].Length;
            Require($"{given.File}, line {one.Line}: units of {one.Name}", units, MostUnits);
            return units;
        }
        return Units;
    }

    private static void Require(string what, int found, int most)
    {
        if (found > most) throw new UserErrorException($"{what}: expected at most {most}, found {found}; more cannot be read on a page.");
    }

    private static double[] Fitting(GivenParameter one, int rows, int columns, string file, int units, int inputs)
    {
        double[] values = [.. one.Rows.SelectMany(row => row)];
        bool fits = columns == 1 && values.Length == rows || one.Rows.Count == rows && one.Rows[0].Length == columns;
        return fits ? values : throw new UserErrorException(
            $"{file}, line {one.Line}: {one.Name}: expected {Shape(rows, columns)} because the cell has {Count(units, "unit")} and x has "
            + $"{Count(inputs, "number")}, found {Shape(one.Rows.Count, one.Rows[0].Length)}.");
    }

    private static string Shape(int rows, int columns) => $"{Count(rows, "row")} of {Count(columns, "number")}";

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";

    private static double[] Drawn(DefinedParameter one, int rows, int columns)
    {
        Rng random = new Rng(Seed: 1).For(one.Name);
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = one.Start switch
            {
                { Rule: ParameterRule.Constant, Value: var value } => value,
                { Rule: ParameterRule.Identity, Value: var value } => i / columns == i % columns ? value : 0,
                _ => Tenths(random, (ulong)i),
            };
        return values;
    }

    // −0.9 … 0.9, and not zero, which would hide a term.
    private static double Tenths(Rng random, ulong counter) =>
        (random.Below(9, counter) + 1) * (random.Below(2, counter + (1 << 20)) == 0 ? -1 : 1) / 10.0;

    private static double[][] Inputs(int count) =>
        [.. Enumerable.Range(0, 3).Select(t => (double[])[.. Enumerable.Range(0, count).Select(i => s_inputs[(t + 2 * i) % s_inputs.Length])])];
}
