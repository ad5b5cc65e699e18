using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Attention;
using Unroll.Networks;
using static Unroll.Exchange.Onnx.Wire.TensorProto.Types;

namespace Unroll.Exchange.Onnx.Writing;

//  encoder   x [batch, steps], lengths [batch]  →  memory [batch, steps, M], keys [batch, steps, K], the decoder's first states
//  decoder   symbols [batch], memory, keys, lengths, fed, states  →  y [batch, vocabulary], attention [batch, steps], fed, states

/// <summary>
/// An encoder–decoder as two graphs: the encoder, and one step of the decoder with its attention. The loop over symbols, and the search, are the
/// caller's. What is called <c>…_out</c> goes into what is called <c>…_in</c>.
/// </summary>
internal sealed class EncoderDecoderWriter(EncoderDecoder model, int opset)
{
    private const DataType Floats = DataType.Float;

    private EncoderDecoderSpec Spec => model.Spec;

    private int Memory => model.Decoder.Attention.MemorySize;

    private int Keys => model.Parameters.Find("decoder.attention.key.weight")?.Shape[0] ?? Memory;

    /// <summary>The encoder's graph.</summary>
    public GraphWriter Encoder()
    {
        NetworkWriter.RequireOwnCells(model.EncoderNetwork);
        GraphWriter g = new("encoder", opset);
        GraphWeights weights = new(g, model.Parameters, "");
        Steps x = NetworkWriter.Input(g, Spec.Encoder, step: false);
        Steps memory = new LayerWriter(g, weights, new GraphStates(g, "", shown: false))
            .Write(x, Spec.Encoder, model.EncoderNetwork.NewState(1));
        g.Scope = "bridge";
        string rows = memory.Masked(g);
        g.Output("memory", g.Transpose(rows, 1, 0, 2), Floats, "batch", "steps", Memory);
        if (Spec.Score != AttentionScore.Dot)
        {
            string keys = g.MatMul(rows, weights.Turned("decoder.attention.key.weight"));
            if (Spec.Score == AttentionScore.Additive) keys = g.Add(keys, weights.Whole("decoder.attention.key.bias"));
            g.Output("keys", g.Transpose(keys, 1, 0, 2), Floats, "batch", "steps", Keys);
        }
        PoolingSpec ends = Spec.Bidirectional ? new LastStatesSpec { Name = "bridge.ends" } : new LastStepSpec { Name = "bridge.ends" };
        string first = g.Tanh(weights.Dense("bridge", g.Squeeze(new PoolingWriter(g, weights).Write(memory, ends).Value, 0)));
        (string Name, int Size)[] states = [.. States()];
        string[] parts = g.Split(first, 1, [.. states.Select(state => (long)state.Size)]);
        foreach ((int k, (string name, int size)) in states.Index()) g.Output($"{name}_out", parts[k], Floats, "batch", size);
        return g;
    }

    //  h = cells([E y₋; h̃₋])      c = attention(h, memory)      h̃ = tanh(W [c; h])      y = W_o h̃ + b
    /// <summary>The graph of one step of the decoder.</summary>
    public GraphWriter Decoder()
    {
        GraphWriter g = new("decoder", opset);
        GraphWeights weights = new(g, model.Parameters, "");
        int size = model.Decoder.Size;
        string symbols = g.Input("symbols", DataType.Int64, "batch");
        string memory = g.Input("memory", Floats, "batch", "steps", Memory);
        string keys = Spec.Score == AttentionScore.Dot ? memory : g.Input("keys", Floats, "batch", "steps", Keys);
        string lengths = g.Input("lengths", DataType.Int32, "batch");
        g.Scope = "decoder";
        string table = weights.Whole(Spec.SharedTable ? "source.weight" : "decoder.embedding.weight");
        string x = g.Unsqueeze(g.Node("Gather", [table, symbols], Attributes.Of("axis", 0)), 0);
        GraphStates states = new(g, "", shown: true);
        int features = Spec.Embedding;
        if (Spec.InputFeeding)
        {
            string fed = states.First("decoder", "fed", new float[size], x);
            x = g.Concat(2, x, g.Unsqueeze(fed, 0));
            features += size;
        }
        RecurrentSpec cells = new() { Name = "decoder", Cell = Spec.Cell, Hidden = Spec.Hidden, Layers = Spec.DecoderLayers };
        Steps h = new RecurrentWriter(g, weights, states).Write(new Steps(x, features, null, null), cells, first: null);
        string query = g.Squeeze(h.Value, 0);
        g.Scope = "decoder.attention";
        (string shares, string context) = Attend(g, weights, query, memory, keys, lengths);
        g.Scope = "decoder.output";
        string combined = g.Tanh(g.MatMul(g.Concat(1, context, query), weights.Turned("decoder.combine.weight")));
        g.Output("y", weights.Dense("decoder.output", combined), Floats, "batch", Spec.TargetVocabulary);
        g.Output("attention", shares, Floats, "batch", "steps");
        if (Spec.InputFeeding) states.Last("decoder", "fed", combined, size);
        states.Finish();
        return g;
    }

    //  dot, general: eⱼ = kⱼ · h      additive: eⱼ = v · tanh(W h + kⱼ)      α = softmax(e)      c = Σⱼ αⱼ sⱼ
    private (string Shares, string Context) Attend(GraphWriter g, GraphWeights weights, string h, string memory, string keys, string lengths)
    {
        string count = g.Squeeze(g.Cast(g.Dimension(memory, 1), DataType.Int32), 0);
        string numbers = g.Unsqueeze(g.Node("Range", [g.Int(0), count, g.Int(1)]), 0);
        string mask = g.Unsqueeze(g.Node("Less", [numbers, g.Unsqueeze(lengths, 1)]), 2), zero = g.Float(0);
        string scores;
        if (Spec.Score == AttentionScore.Additive)
        {
            string query = g.Unsqueeze(g.MatMul(h, weights.Turned("decoder.attention.query.weight")), 1);
            scores = g.MatMul(g.Tanh(g.Add(query, keys)), g.Unsqueeze(weights.Whole("decoder.attention.vector"), 1));
        }
        else scores = g.MatMul(keys, g.Unsqueeze(h, 2));
        string shares = g.Where(mask, g.Softmax(g.Where(mask, scores, g.Float(float.MinValue)), 1), zero);
        string context = g.MatMul(g.Transpose(shares, 0, 2, 1), g.Where(mask, memory, zero));
        return (g.Squeeze(shares, 2), g.Squeeze(context, 1));
    }

    // Of each layer h, then c, as the bridge gives them.
    private IEnumerable<(string Name, int Size)> States()
    {
        foreach ((int k, Layers.Recurrent.RecurrentLayer layer) in model.Decoder.Layers.Index())
        {
            yield return ($"decoder.l{k}.h", layer.OutputSize);
            if (layer.Plan.States.Count > 1) yield return ($"decoder.l{k}.c", (layer.Plan.States.Count - 1) * layer.HiddenSize);
        }
    }
}
