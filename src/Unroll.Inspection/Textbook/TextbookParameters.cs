using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

/// <summary>The parameters of a network by their names, row-major in double, and their gradients under the same names.</summary>
/// <param name="values">The arrays; they are used, not copied, so that changing one changes the network.</param>
public sealed class TextbookParameters(IReadOnlyDictionary<string, double[]> values)
{
    /// <summary>Every array by its name.</summary>
    public IReadOnlyDictionary<string, double[]> Values { get; } = values;

    /// <summary>∂L/∂(value), of the same shapes; backward adds to them.</summary>
    public IReadOnlyDictionary<string, double[]> Gradients { get; } = values.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);

    /// <summary>Sets every gradient to zero.</summary>
    public void ClearGradients()
    {
        foreach (double[] gradient in Gradients.Values) Array.Clear(gradient);
    }

    /// <summary>Multiplies every gradient: by 1 ÷ count, the gradients of a sum of losses become those of the mean.</summary>
    /// <param name="factor">The factor.</param>
    public void ScaleGradients(double factor)
    {
        foreach (double[] gradient in Gradients.Values)
            for (int k = 0; k < gradient.Length; k++) gradient[k] *= factor;
    }

    internal (Matrix Value, Matrix Gradient) Matrix(string name, int rows, int columns)
    {
        (double[] value, double[] gradient) = Find(name, rows * columns);
        return (new Matrix(value, 0, rows, columns), new Matrix(gradient, 0, rows, columns));
    }

    internal (Vector Value, Vector Gradient) Vector(string name, int length)
    {
        (double[] value, double[] gradient) = Find(name, length);
        return (new Vector(value), new Vector(gradient));
    }

    private (double[], double[]) Find(string name, int length)
    {
        if (!Values.TryGetValue(name, out double[]? value))
            throw new UserErrorException($"parameter '{name}': expected {length} numbers, found no such parameter.");
        if (value.Length != length) ShapeException.Throw(value.Length, length, $"parameter '{name}'", "the network's description needs it");
        return (value, Gradients[name]);
    }

    /// <summary>The names and shapes of a network's parameters, from input to output.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="cells">The cells that it may name; null: the built-in ones.</param>
    public static IReadOnlyList<(string Name, int[] Shape)> Shapes(NetworkSpec spec, CellCatalog? cells = null)
    {
        List<(string, int[])> shapes = [];
        int inputs = spec.Inputs;
        foreach (LayerSpec layer in spec.Layers)
        {
            switch (layer)
            {
                case DenseSpec dense:
                    shapes.Add(($"{dense.Name}.weight", [dense.Outputs, inputs]));
                    shapes.Add(($"{dense.Name}.bias", [dense.Outputs]));
                    inputs = dense.Outputs;
                    break;
                case ConvolutionSpec filters:
                    shapes.Add(($"{filters.Name}.weight", [filters.Filters, filters.Width * inputs]));
                    shapes.Add(($"{filters.Name}.bias", [filters.Filters]));
                    inputs = filters.Filters;
                    break;
                case WideSpec wide:
                    shapes.Add(($"{wide.Name}.weight", [inputs, WideEquations.Places(wide, spec.Inputs)]));
                    break;
                case FlattenSpec flatten:
                    inputs *= flatten.Steps;
                    break;
                case EmbeddingSpec embedding:
                    shapes.Add(($"{embedding.Name}.weight", [embedding.Vocabulary, embedding.Size]));
                    inputs = embedding.Size;
                    break;
                case CharacterSpec words:
                    shapes.Add(($"{words.Name}.weight", [words.Vocabulary, words.Size]));
                    shapes.Add(($"{words.Name}.characters.weight", [words.Characters, words.CharacterSize]));
                    inputs = words.Size + AddRecurrent(words.Spelling, words.CharacterSize, shapes, cells);
                    break;
                case CrfSpec crf:
                    shapes.Add(($"{crf.Name}.transitions", [inputs, inputs]));
                    shapes.Add(($"{crf.Name}.start", [inputs]));
                    shapes.Add(($"{crf.Name}.end", [inputs]));
                    break;
                case TailProjectionSpec tail:
                    shapes.Add(($"{tail.Name}.weight", [inputs - tail.Kept, tail.Size]));
                    inputs = tail.Kept + tail.Size;
                    break;
                case LastStatesSpec { Merge: not Merge.Concatenate }:
                    inputs /= 2;
                    break;
                case LayerNormSpec norm:
                    shapes.Add(($"{norm.Name}.weight", [inputs]));
                    shapes.Add(($"{norm.Name}.bias", [inputs]));
                    break;
                case AttentionPoolSpec attention:
                    shapes.Add(($"{attention.Name}.weight", [attention.Size, inputs]));
                    shapes.Add(($"{attention.Name}.bias", [attention.Size]));
                    shapes.Add(($"{attention.Name}.query", [attention.Size]));
                    break;
                case TiedSpec tied:
                    inputs = spec.EmbeddingOf(tied).Vocabulary;
                    shapes.Add(($"{tied.Name}.bias", [inputs]));
                    break;
                case RecurrentSpec recurrent:
                    inputs = AddRecurrent(recurrent, inputs, shapes, cells);
                    break;
            }
        }
        return shapes;
    }

    private static int AddRecurrent(RecurrentSpec spec, int inputs, List<(string, int[])> shapes, CellCatalog? cells)
    {
        ICellEquations cell = CellEquations.Of(spec.Cell, cells);
        for (int layer = 0; layer < spec.Layers; layer++)
        {
            foreach (string suffix in TextbookNetwork.Suffixes(spec, layer))
            {
                foreach (StoredParameter stored in cell.Layout.Stored)
                    shapes.Add(($"{spec.Name}.{stored.Name}_{suffix}", stored.Shape(inputs, spec.Hidden)));
                if (spec.InitialState != InitialState.Learned) continue;
                foreach (string state in cell.States) shapes.Add(($"{spec.Name}.{state}0_{suffix}", [cell.WidthOf(state, spec.Hidden)]));
            }
            inputs = TextbookNetwork.Width(spec, cells);
        }
        return inputs;
    }
}
