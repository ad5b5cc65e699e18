using System.Text;
using System.Text.Json;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Inspection.Derivation;

/// <summary>What the script of a live page computes with: the sizes, the numbers, and the printed equations as trees.</summary>
internal static class LiveCellJson
{
    public static string Text(CellNumbers numbers)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            Sizes(json, numbers);
            Trees(json, numbers);
            json.WriteStartArray("initial");
            foreach (double value in Flat(numbers)) json.AnyNumberValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    // In the order in which the script has them.
    private static IEnumerable<double> Flat(CellNumbers numbers) =>
    [
        numbers.Loss, .. numbers.Forward.Concat(numbers.Backward).SelectMany(row => row.Steps.SelectMany(step => step)),
        .. numbers.Gradients.SelectMany(one => one.Values),
    ];

    private static IReadOnlyList<IReadOnlyList<double>> StepsOf(IReadOnlyList<NumbersRow> rows, string name) =>
        rows.First(row => row.Name == name).Steps;

    private static void Sizes(Utf8JsonWriter json, CellNumbers numbers)
    {
        json.WriteString("output", numbers.Derivation.Definition.Output);
        json.WriteStartObject("states");
        foreach (CellState state in numbers.Derivation.Definition.States) Array(state.Name, StepsOf(numbers.Forward, state.Name + "₋")[0]);
        json.WriteEndObject();
        json.WriteStartArray("x");
        foreach (IReadOnlyList<double> x in numbers.X) Values(x);
        json.WriteEndArray();
        Array("counted", [.. numbers.X.Select(_ => 1.0)]);
        json.WriteStartObject("parameters");
        foreach (NumbersParameter one in numbers.Parameters)
        {
            json.WriteStartObject(one.Name);
            json.WriteNumber("rows", one.Rows);
            json.WriteNumber("columns", one.Columns);
            Array("values", one.Values);
            json.WriteEndObject();
        }
        json.WriteEndObject();

        void Array(string name, IReadOnlyList<double> values)
        {
            json.WritePropertyName(name);
            Values(values);
        }

        void Values(IReadOnlyList<double> values)
        {
            json.WriteStartArray();
            foreach (double value in values) json.WriteNumberValue(value);
            json.WriteEndArray();
        }
    }

    private static void Trees(Utf8JsonWriter json, CellNumbers numbers)
    {
        json.WriteStartArray("forward");
        foreach (CellQuantity one in numbers.Derivation.Quantities)
        {
            json.WriteStartObject();
            json.WriteString("name", one.Name);
            json.WriteNumber("width", StepsOf(numbers.Forward, one.Name)[0].Count);
            json.WritePropertyName("value");
            FormulaJson.Write(json, one.Value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        PrintedDerivation printed = PrintedDerivation.Of(numbers.Derivation);
        json.WriteStartArray("backward");
        foreach (PrintedEquation one in printed.Deltas) Terms(one, one.Left is DeltaExpression delta ? delta.Quantity : null);
        Terms(printed.Input, null);
        json.WriteEndArray();
        json.WriteStartArray("sums");
        foreach ((PrintedEquation one, NumbersParameter parameter) in printed.Sums.Zip(numbers.Parameters)) Terms(one, parameter.Name);
        json.WriteEndArray();

        void Terms(PrintedEquation equation, string? name)
        {
            json.WriteStartObject();
            if (name is not null) json.WriteString("name", name);
            if (!equation.Adds) json.WriteNumber("width", StepsOf(numbers.Backward, "δ" + (name ?? "x"))[0].Count);
            json.WriteStartArray("terms");
            foreach (PrintedTerm term in equation.Terms)
            {
                json.WriteStartObject();
                json.WritePropertyName("tree");
                FormulaJson.Write(json, term.Value);
                if (term.IsNegative) json.WriteBoolean("negative", true);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
