using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;

namespace Unroll.Networks;

/// <summary>
/// Gives a network's weights their initial values. Every tensor draws by its own name, so that a layer added or taken away does not change the
/// others' numbers.
/// </summary>
public static class Initialization
{
    /// <summary>Overwrites every parameter of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">Which values.</param>
    /// <param name="random">Where they come from.</param>
    /// <exception cref="UserErrorException">An option does not fit a cell of the network.</exception>
    public static void Apply(Network network, InitializationOptions options, Rng random) =>
        Apply(network.Parameters, network.Spec, options, random, network.Cells);

    /// <summary>Overwrites every parameter of the layers of <paramref name="spec"/>.</summary>
    /// <param name="store">Has the parameters of the network, named as <see cref="LayerSpec"/> says.</param>
    /// <param name="spec">Which layer is what.</param>
    /// <param name="options">Which values.</param>
    /// <param name="random">Where they come from.</param>
    /// <param name="cells">The cells that the description may name; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">An option does not fit a cell of the network.</exception>
    public static void Apply(ParameterStore store, NetworkSpec spec, InitializationOptions options, Rng random, CellCatalog? cells = null)
    {
        using Edit edit = store.Edit();
        foreach (Parameter parameter in store.All)
        {
            if (spec.OwnerOf(parameter.Name) is not { } layer) continue;
            string local = parameter.Name[(layer.Name.Length + 1)..];
            Fill fill = new(parameter, edit.Of(parameter), options, random.For(parameter.Name),
                cells ?? CellCatalog.BuiltIn);
            if (layer is CharacterSpec characters) fill.Characters(local, characters);
            else if (layer is RecurrentSpec recurrent) fill.Recurrent(local, recurrent);
            else if (layer is DenseSpec dense) fill.Dense(local, store.Find($"{dense.Name}.weight")!.Shape[1]);
            else if (layer is ConvolutionSpec) fill.Dense(local, store.Find($"{layer.Name}.weight")!.Shape[1]);
            else if (layer is AttentionPoolSpec pool) fill.Pool(local, pool, store.Find($"{pool.Name}.weight")?.Shape[1] ?? pool.Size);
            else if (layer is LayerNormSpec) fill.Values.Fill(local == "weight" ? 1 : 0);
            else if (layer is TiedSpec or WideSpec) fill.Values.Clear();      // the bias: the weight is the embedding's; what is around the rest
            else if (layer is CrfSpec) fill.Values.Clear();                   // at first every path counts alike
            else if (layer is TailProjectionSpec) fill.Values.Clear();        // what is known begins like what is not
            else if (layer is EmbeddingSpec) fill.Embedding();
        }
    }

    private readonly ref struct Fill(Parameter parameter, Span<float> values, InitializationOptions options, Rng random, CellCatalog cells)
    {
        public Span<float> Values { get; } = values;

        public Rng Random => random;

        public void Dense(string local, int inputs)
        {
            float bound = 1 / MathF.Sqrt(inputs);
            if (local == "weight") Weights(options.Input, parameter.Shape[0], bound);
            else Bias(bound);
        }

        // The query begins as a row of a dense layer over the hidden features would.
        public void Pool(string local, AttentionPoolSpec layer, int inputs)
        {
            if (local is "query" or "vector") Initializers.Uniform(Values, 1 / MathF.Sqrt(layer.Size), random);
            else Dense(local, inputs);
        }

        public void Embedding()
        {
            if (options.EmbeddingBound is { } bound) Initializers.Uniform(Values, bound, random);
            else Initializers.Normal(Values, 1, random);
        }

        public void Characters(string local, CharacterSpec layer)
        {
            if (local.StartsWith("spelling.", StringComparison.Ordinal)) Recurrent(local["spelling.".Length..], layer.Spelling);
            else Embedding();
        }

        public void Recurrent(string local, RecurrentSpec layer)
        {
            float bound = 1 / MathF.Sqrt(layer.Hidden);
            string name = local[..local.LastIndexOf("_l", StringComparison.Ordinal)];
            if (layer.Cell.Definition is { } definition)
            {
                Defined(name, definition, layer, bound);
                return;
            }
            switch (name)
            {
                case "weight_ih": Weights(options.Input, layer.Hidden, bound); break;
                case "weight_hh": Weights(options.Recurrent, layer.Hidden, bound); break;
                case "weight_hr": Weights(options.Input, parameter.Shape[0], bound); break;
                case "bias_ih": GateBias(layer, bound, isInputBias: true); break;
                case "bias_hh": GateBias(layer, bound, isInputBias: false); break;
                case "peephole": Initializers.Uniform(Values, bound, random); break;
                default: Own(name, StepPlan.Of(cells.Make(layer.Cell), layer.Cell.Projection), layer.Hidden, bound); break;
            }
        }

        // The cell's own; a learned initial state, as one that is not learned.
        private void Own(string name, StepPlan plan, int hidden, float bound)
        {
            if (plan.Matrices.FirstOrDefault(own => own.Name == name) is { } matrix)
                Weights(matrix.Of.Kind == SourceKind.Input ? options.Input : options.Recurrent, hidden, bound);
            else
                Values.Fill(plan.Vectors.FirstOrDefault(own => own.Name == name)?.Initial
                    ?? plan.States.FirstOrDefault(state => $"{state.Name}0" == name)?.Initial ?? 0);
        }

        // Block by block as the definition says; what it says nothing of: matrices by the scheme, vectors and numbers at 0.
        private void Defined(string name, CellDefinition definition, RecurrentSpec layer, float bound)
        {
            if (definition.Cell.Layout.Find(name) is not { } stored)
            {
                Values.Fill(definition.States.FirstOrDefault(state => $"{state.Name}0" == name)?.Initial ?? 0);
                return;
            }
            bool matrix = stored.Kind == ParameterKind.Matrix;
            if (matrix) Weights(stored.Of is InputExpression ? options.Input : options.Recurrent, stored.RowsOf(layer.Hidden), bound);
            else Values.Clear();
            int length = Values.Length / stored.Blocks.Count;
            for (int block = 0; block < stored.Blocks.Count; block++)
                if (definition.Parameters.First(one => one.Name == stored.Blocks[block]).Start is { } start)
                    Start(start, Values.Slice(block * length, length), matrix ? parameter.Shape[1] : 1, random.At((ulong)block));
        }

        private static void Start(ParameterStart start, Span<float> values, int columns, Rng random)
        {
            float value = (float)start.Value;
            switch (start.Rule)
            {
                case ParameterRule.Constant: values.Fill(value); break;
                case ParameterRule.Uniform: Initializers.Uniform(values, value, random); break;
                case ParameterRule.Normal: Initializers.Normal(values, value, random); break;
                case ParameterRule.Orthogonal: Initializers.Orthogonal(values, values.Length / columns, columns, random); break;
                case ParameterRule.Identity: Initializers.Identity(values, columns); break;
            }
            if (start.Rule is ParameterRule.Orthogonal or ParameterRule.Identity)
                foreach (ref float one in values) one *= value;
        }

        // [blocks · rows, columns]: the schemes that look at a whole matrix see one gate at a time.
        private void Weights(WeightScheme scheme, int rows, float bound)
        {
            int columns = parameter.Shape[1], block = rows * columns;
            if (scheme == WeightScheme.Uniform) Initializers.Uniform(Values, bound, random);
            else if (scheme == WeightScheme.Glorot) Initializers.Glorot(Values, columns, rows, random);
            else
                for (int gate = 0; gate * block < Values.Length; gate++)
                {
                    Span<float> matrix = Values.Slice(gate * block, block);
                    if (scheme == WeightScheme.Identity) Initializers.Identity(matrix, columns);
                    else Initializers.Orthogonal(matrix, rows, columns, random.At((ulong)gate));
                }
        }

        private void Bias(float bound)
        {
            if (options.ZeroBias) Values.Clear();
            else Initializers.Uniform(Values, bound, random);
        }

        // The bias that keeps the state, as the cell says: f of an LSTM; of its coupled form −i, because f = 1 − i; z of a GRU, which multiplies h₋.
        private void GateBias(RecurrentSpec layer, float bound, bool isInputBias)
        {
            Bias(bound);
            ICell cell = cells.Make(layer.Cell);
            MemoryBias? memory = cell.Description.Memory;
            if (options.Chrono is null && (options.ForgetBias is null || memory is not { TakesForgetBias: true })) return;
            if (memory is null)
                throw new UserErrorException($"layer '{layer.Name}' chrono: expected an lstm or a gru because only a gate can keep a memory, "
                    + $"got cell '{layer.Cell.Kind}'.");

            Span<float> keep = Gate(cell.Gates, memory.Gate, layer.Hidden);
            Span<float> admit = options.Chrono is not null && memory.Admits is { } gate ? Gate(cell.Gates, gate, layer.Hidden) : [];
            if (!isInputBias)
            {
                keep.Clear();
                admit.Clear();
            }
            else if (options.Chrono is { } longest) Initializers.Chrono(keep, admit, longest, random.At(1));
            else keep.Fill(options.ForgetBias!.Value);
            if (memory.Negated)
                foreach (ref float b in keep) b = -b;
        }

        private Span<float> Gate(string gates, char gate, int hidden) => Values.Slice(gates.IndexOf(gate) * hidden, hidden);
    }
}
