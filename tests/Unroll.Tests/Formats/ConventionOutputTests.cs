using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Tests.Inspection;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Formats;

/// <summary>Weights in other programs' conventions, converted at the edge and run by the engine, answer as those programs' own equations.</summary>
public sealed class ConventionOutputTests
{
    private const int Inputs = 3, Hidden = 5, Steps = 6;

    // Float against double: eight products and an activation a step, a few roundings of 6e-8 each, six steps. A wrong gate is off by 0.01 and more.
    private const double Rounding = 2e-6;

    [Fact] // S36, traps 1 and 4
    public void The_notes_GRU_with_its_update_gate_turned_answers_as_the_notes_formula()
    {
        Draws draws = new(1);
        const int size = Hidden * (Hidden + Inputs);
        float[] wr = draws.Next(size), wu = draws.Next(size), wc = draws.Next(size);
        float[] br = draws.Next(Hidden), bu = draws.Next(Hidden), bc = draws.Next(Hidden), x = draws.Next(Steps * Inputs), c0 = draws.Next(Hidden);

        float[] both = [.. wr, .. wu, .. wc], bias = [.. br, .. bu, .. bc], ih = new float[3 * Hidden * Inputs], hh = new float[3 * Hidden * Hidden];
        ConcatenatedWeights.Split(both, Hidden, Inputs, ih, hh);
        foreach (float[] stacked in new[] { ih, hh, bias }) GateOrder.TurnUpdateGate(stacked, OrderOf("gru", GateConvention.Notes));
        Assert.Equal(OrderOf("gru", GateConvention.Ours), OrderOf("gru", GateConvention.Notes));                       // no reordering is needed
        float[] y = Engine("gru", ih, hh, bias, new float[3 * Hidden], x, c0);

        NotesGru notes = new(Of(wr), Column(br), Of(wu), Column(bu), Of(wc), Column(bc), new Matrix(1, Hidden), new Matrix(1, 1));
        Matrix c = Column(c0);
        for (int t = 0; t < Steps; t++)
        {
            c = notes.CellForward(Column(x[(t * Inputs)..((t + 1) * Inputs)]), c).C;
            for (int u = 0; u < Hidden; u++) Assert.Equal(c[u, 0], y[t * Hidden + u], Rounding);
        }

        static Matrix Of(float[] w) => new(Doubles(w), 0, Hidden, Hidden + Inputs);
    }

    // The letters are those of https://onnx.ai/onnx/operators/onnx__LSTM.html, input W: iofc.
    [Fact]
    public void An_LSTM_in_the_order_of_ONNX_answers_as_its_equations() => LstmAgrees("iofc", "iofg", GateConvention.Onnx);

    // https://keras.io/api/layers/recurrent_layers/lstm/: the kernel is split into i, f, c, o
    [Fact]
    public void An_LSTM_in_the_order_of_Keras_answers_as_its_equations() => LstmAgrees("ifco", "ifgo", GateConvention.Keras);

    // https://onnx.ai/onnx/operators/onnx__GRU.html: zrh, Ht = (1 - zt) (.) ht + zt (.) Ht-1; Keras has the same order and polarity.
    [Theory]
    [InlineData("gru", 0), InlineData("gru-after", 1)]
    public void A_GRU_in_the_order_of_ONNX_and_Keras_answers_as_their_equations(string cell, int linearBeforeReset)
    {
        Draws draws = new(3);
        float[] w = draws.Next(3 * Hidden * Inputs), r = draws.Next(3 * Hidden * Hidden), wb = draws.Next(3 * Hidden), rb = draws.Next(3 * Hidden);
        float[] x = draws.Next(Steps * Inputs), h0 = draws.Next(Hidden);
        float[][] ours = [.. new[] { w, r, wb, rb }.Select(stacked => Turned(stacked, OrderOf(cell, GateConvention.Onnx), "rzn"))];
        Assert.Equal(OrderOf(cell, GateConvention.Onnx), OrderOf(cell, GateConvention.Keras));
        float[] y = Engine(cell, ours[0], ours[1], ours[2], ours[3], x, h0);

        double[] h = Doubles(h0);
        for (int t = 0; t < Steps; t++)
        {
            double[] zt = At('z', h, Sigmoid), rt = At('r', h, Sigmoid), previous = h;
            //  default:               ht = tanh(Xt Whᵀ + (rt ⊙ Ht-1) Rhᵀ + Rbh + Wbh)
            //  linear_before_reset:   ht = tanh(Xt Whᵀ + (rt ⊙ (Ht-1 Rhᵀ + Rbh)) + Wbh)
            double[] input = Product(w, "zrh".IndexOf('h'), Inputs, Doubles(x[(t * Inputs)..((t + 1) * Inputs)]));
            double[] kept = Product(r, "zrh".IndexOf('h'), Hidden, linearBeforeReset == 1 ? previous : [.. rt.Zip(previous, (a, b) => a * b)]);
            double[] ht = new double[Hidden];
            for (int u = 0; u < Hidden; u++)
            {
                double wbh = wb[2 * Hidden + u], rbh = rb[2 * Hidden + u];
                ht[u] = Math.Tanh(linearBeforeReset == 1 ? input[u] + rt[u] * (kept[u] + rbh) + wbh : input[u] + kept[u] + rbh + wbh);
            }
            h = [.. Enumerable.Range(0, Hidden).Select(u => (1 - zt[u]) * ht[u] + zt[u] * previous[u])];
            for (int u = 0; u < Hidden; u++) Assert.Equal(h[u], y[t * Hidden + u], Rounding);

            double[] At(char gate, double[] state, Func<double, double> f) => Gate("zrh".IndexOf(gate), w, r, wb, rb, x, t, state, f);
        }
    }

    [Fact] // S26, S31: ten columns of the notes are ten sequences of one step
    public void The_notes_NumPy_example_reproduces_in_the_engine_to_the_precision_of_a_float()
    {
        const int batch = 10, outputs = 2;
        NumPyLegacyRandom random = new(1);
        Matrix x = random.Normal(Inputs, batch), hPrev = random.Normal(Hidden, batch), cPrev = random.Normal(Hidden, batch);
        NotesLstm notes = NotesFiguresTests.Lstm(random);
        float[] both = Floats(notes.Wf.Above(notes.Wi).Above(notes.Wc).Above(notes.Wo));
        float[] bias = Floats(notes.Bf.Above(notes.Bi).Above(notes.Bc).Above(notes.Bo));
        float[] ih = new float[4 * Hidden * Inputs], hh = new float[4 * Hidden * Hidden];
        ConcatenatedWeights.Split(both, Hidden, Inputs, ih, hh);

        Network network = Network.Build(new(
            Inputs, [new RecurrentSpec { Name = "core", Hidden = Hidden }, new DenseSpec { Name = "head", Outputs = outputs }]));
        Fill(network, "core.weight_ih_l0", Turned(ih, OrderOf("lstm", GateConvention.Notes), "ifgo"));
        Fill(network, "core.weight_hh_l0", Turned(hh, OrderOf("lstm", GateConvention.Notes), "ifgo"));
        Fill(network, "core.bias_ih_l0", Turned(bias, OrderOf("lstm", GateConvention.Notes), "ifgo"));
        Fill(network, "head.weight", Floats(notes.Wy));
        Fill(network, "head.bias", Floats(notes.By));
        State first = network.NewState(batch), last = network.NewState(batch);
        Floats(hPrev.T).CopyTo(first.Children[0].H);
        Floats(cPrev.T).CopyTo(first.Children[0].C);
        Cache cache = network.Forward(new SequenceBatch(SequenceLayout.Uniform(batch, 1), Inputs, Floats(x.T)), first, LayerCases.NewPass());
        network.Last(cache, last);

        // The largest argument of a gate is about 10, so that its rounding is 1e-6; behind an activation less is left of it.
        double[] h = [-0.66408471, 0.0036921, 0.02088357, 0.22834167, -0.85575339, 0.00138482, 0.76566531, 0.34631421, -0.00215674, 0.43827275];
        double[] c = [0.63267805, 1.00570849, 0.35504474, 0.20690913, -1.64566718, 0.11832942, 0.76449811, -0.0981561, -0.74348425, -0.26810932];
        double[] y = [0.79913913, 0.15986619, 0.22412122, 0.15606108, 0.97057211, 0.31146381, 0.00943007, 0.12666353, 0.39380172, 0.07828381];
        for (int column = 0; column < batch; column++)
        {
            float z0 = cache.Output.Row(0, column)[0], z1 = cache.Output.Row(0, column)[1];
            Assert.Equal(h[column], last.Children[0].H[column * Hidden + 4], 1e-6);
            Assert.Equal(c[column], last.Children[0].C[column * Hidden + 2], 1e-6);
            Assert.Equal(y[column], Sigmoid(z1 - (double)z0), 1e-6);                           // the softmax of two
        }
    }

    private static string OrderOf(string cell, string program) => GateConvention.Of(CellCatalog.BuiltIn.Make(new() { Kind = cell }), program)!.Gates;

    //  f, i, o = σ(W x + R h₋ + Wb + Rb)      c̃ likewise with tanh      C = f ⊙ C₋ + i ⊙ c̃      H = o ⊙ tanh(C)
    private static void LstmAgrees(string published, string inOurLetters, string program)
    {
        Assert.Equal(inOurLetters, OrderOf("lstm", program));
        Draws draws = new(2);
        float[] w = draws.Next(4 * Hidden * Inputs), r = draws.Next(4 * Hidden * Hidden), wb = draws.Next(4 * Hidden), rb = draws.Next(4 * Hidden);
        float[] x = draws.Next(Steps * Inputs), h0 = draws.Next(Hidden), c0 = draws.Next(Hidden);
        float[][] ours = [.. new[] { w, r, wb, rb }.Select(stacked => Turned(stacked, OrderOf("lstm", program), "ifgo"))];
        float[] y = Engine("lstm", ours[0], ours[1], ours[2], ours[3], x, h0, c0);

        double[] h = Doubles(h0), c = Doubles(c0);
        for (int t = 0; t < Steps; t++)
        {
            double[] previous = h;
            double[] At(char gate, Func<double, double> f) => Gate(published.IndexOf(gate), w, r, wb, rb, x, t, previous, f);
            double[] it = At('i', Sigmoid), ft = At('f', Sigmoid), ot = At('o', Sigmoid), ct = At('c', Math.Tanh);
            for (int u = 0; u < Hidden; u++) c[u] = ft[u] * c[u] + it[u] * ct[u];
            h = [.. ot.Zip(c, (o, cell) => o * Math.Tanh(cell))];
            for (int u = 0; u < Hidden; u++) Assert.Equal(h[u], y[t * Hidden + u], Rounding);
        }
    }

    private static double[] Gate(int block, float[] w, float[] r, float[] wb, float[] rb, float[] x, int t, double[] state, Func<double, double> f)
    {
        double[] input = Product(w, block, Inputs, Doubles(x[(t * Inputs)..((t + 1) * Inputs)])), kept = Product(r, block, Hidden, state);
        return [.. Enumerable.Range(0, Hidden).Select(u => f(input[u] + kept[u] + wb[block * Hidden + u] + rb[block * Hidden + u]))];
    }

    // One gate's block of stacked rows, [gates · hidden, columns], times a vector.
    private static double[] Product(float[] stacked, int block, int columns, double[] vector) =>
        [.. Enumerable.Range(0, Hidden).Select(u => Enumerable.Range(0, columns).Sum(k => stacked[(block * Hidden + u) * columns + k] * vector[k]))];

    private static float[] Engine(string cell, float[] ih, float[] hh, float[] bih, float[] bhh, float[] x, float[] h0, float[]? c0 = null)
    {
        Network network = Network.Build(new(Inputs, [new RecurrentSpec { Name = "core", Cell = new() { Kind = cell }, Hidden = Hidden }]));
        Fill(network, "core.weight_ih_l0", ih);
        Fill(network, "core.weight_hh_l0", hh);
        Fill(network, "core.bias_ih_l0", bih);
        Fill(network, "core.bias_hh_l0", bhh);
        State first = network.NewState(1);
        h0.CopyTo(first.Children[0].H);
        c0?.CopyTo(first.Children[0].C);
        return network.Forward(SequenceBatch.FromSequences(Inputs, x), first, LayerCases.NewPass()).Output.All.ToArray();
    }

    private static float[] Turned(float[] stacked, string from, string to)
    {
        float[] result = new float[stacked.Length];
        GateOrder.Permute(stacked, from, result, to);
        return result;
    }

    private static void Fill(Network network, string name, float[] values)
    {
        using Edit edit = network.Parameters.Edit();
        values.CopyTo(edit.Of(network.Parameters.Find(name)!));
    }

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));

    private static double[] Doubles(float[] values) => [.. values.Select(value => (double)value)];

    private static Matrix Column(float[] values) => new(Doubles(values), 0, values.Length, 1);

    private static float[] Floats(Matrix m) =>
        [.. Enumerable.Range(0, m.Rows).SelectMany(row => Enumerable.Range(0, m.Columns).Select(column => (float)m[row, column]))];

    /// <summary>Seeded numbers, one after the other.</summary>
    private sealed class Draws(ulong seed)
    {
        private ulong _next;

        public float[] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => 0.8f * (float)new Rng(seed).Normal(_next++))];
    }
}
