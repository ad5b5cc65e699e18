using System.Text.Json;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>What Fixtures/cells/cells.py computed for a cell of the zoo from its paper's equations, in double, with 10 significant digits.</summary>
internal sealed class ZooFixture
{
    /// <summary>Reads the fixture of that cell.</summary>
    public ZooFixture(string cell)
    {
        using JsonDocument text = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "cells", $"{cell}.json")));
        JsonElement all = text.RootElement;
        (Inputs, Units) = (all.GetProperty("inputs").GetInt32(), all.GetProperty("units").GetInt32());
        Parameters = all.GetProperty("parameters").EnumerateObject().ToDictionary(p => p.Name, p => Rows(p.Value));
        X = Steps(all.GetProperty("x"));
        First = all.GetProperty("first").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
        Outputs = Steps(all.GetProperty("outputs"));
        Last = all.GetProperty("last").EnumerateObject().ToDictionary(p => p.Name, p => Rows(p.Value));
    }

    public int Inputs { get; }
    public int Units { get; }

    /// <summary>By the names of the definition: a matrix row by row, a vector as one row, a number as one row of one.</summary>
    public IReadOnlyDictionary<string, double[][]> Parameters { get; }

    /// <summary>[step][sequence][input].</summary>
    public double[][][] X { get; }

    /// <summary>What a state begins with in every unit.</summary>
    public IReadOnlyDictionary<string, double> First { get; }

    /// <summary>[step][sequence][unit].</summary>
    public double[][][] Outputs { get; }

    /// <summary>The states after the last step: [sequence][unit].</summary>
    public IReadOnlyDictionary<string, double[][]> Last { get; }

    private static double[][][] Steps(JsonElement all) => [.. all.EnumerateArray().Select(Rows)];

    private static double[][] Rows(JsonElement all) => all.ValueKind switch
    {
        JsonValueKind.Number => [[all.GetDouble()]],
        _ when all[0].ValueKind == JsonValueKind.Number => [Row(all)],
        _ => [.. all.EnumerateArray().Select(Row)],
    };

    private static double[] Row(JsonElement row) => [.. row.EnumerateArray().Select(number => number.GetDouble())];
}
