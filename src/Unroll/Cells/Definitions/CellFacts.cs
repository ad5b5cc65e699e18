using Unroll.Core;

namespace Unroll.Cells.Definitions;

/// <summary>A parameter of a layer.</summary>
/// <param name="Name">Its name in the equations.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Shape">[rows, columns] of a matrix, [numbers] of a vector, [1] of a scalar.</param>
/// <param name="Begins">How it begins, in words: <c>"orthogonal"</c>, <c>"1"</c>.</param>
public sealed record ParameterFact(string Name, ParameterKind Kind, IReadOnlyList<int> Shape, string Begins)
{
    /// <summary>How many numbers it has.</summary>
    public long Count => Shape.Aggregate(1L, (product, one) => product * one);
}

/// <summary>What a cell costs in a layer of so many inputs and units.</summary>
public sealed class CellFacts
{
    /// <summary>Counts it.</summary>
    /// <param name="definition">The cell.</param>
    /// <param name="inputs">Features of the input.</param>
    /// <param name="units">Units of the layer.</param>
    /// <exception cref="UserErrorException">The cell uses x unit by unit and there are not as many inputs as units.</exception>
    public CellFacts(CellDefinition definition, int inputs, int units)
    {
        if (definition.ReadsInputByUnit && inputs != units)
            throw new UserErrorException($"cell '{definition.Name}': expected as many inputs as units because x is used unit by unit, got "
                + $"{inputs} inputs and {units} units; make them equal, or multiply x by a matrix.");
        CellWidths widths = new(definition);
        Parameters = [.. definition.Parameters.Select(one => new ParameterFact(one.Name, one.Kind, one.Kind switch
        {
            ParameterKind.Matrix => [widths.Rows(one.Name).Of(inputs, units), widths.Columns(one.Name).Of(inputs, units)],
            ParameterKind.Vector => [widths.Rows(one.Name).Of(inputs, units)],
            _ => [1],
        }, one.Start is { } start ? CellFormatter.Start(start) : one.Kind == ParameterKind.Matrix ? "as the network's weights" : "0"))];
        Dictionary<string, ParameterFact> named = Parameters.ToDictionary(one => one.Name);
        foreach (CellExpression one in definition.Assignments.SelectMany(assignment => assignment.Value.All()))
            if (one is ProductExpression product)
                MultiplyAdds += named[product.Matrix].Count * (product.Form == MatrixForm.Antisymmetric ? 2 : 1);
            else if (one.IsOperation) OperationsPerUnit++;
    }

    /// <summary>The parameters, in the order of their first use.</summary>
    public IReadOnlyList<ParameterFact> Parameters { get; }

    /// <summary>How many numbers all parameters have.</summary>
    public long ParameterCount => Parameters.Sum(one => one.Count);

    /// <summary>Signs and functions of the equations, for each unit and step; the additions between products are among them.</summary>
    public int OperationsPerUnit { get; }

    /// <summary>Multiply-adds of all products, for one step of one sequence.</summary>
    public long MultiplyAdds { get; }
}
