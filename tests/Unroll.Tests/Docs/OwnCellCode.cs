// README: catalog
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Training;
// end
using Unroll.Tests.Formats;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/own-cell.md, run; the lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class OwnCellCode
{
    private sealed class Output
    {
        public List<object> Lines { get; } = [];
        public void WriteLine(object line) => Lines.Add(line);
    }

    [Fact]
    public void A_cell_of_ones_own_is_checked_trained_saved_opened_and_inspected()
    {
        Output Console = new();
        using TempFolder folder = new();
        string path = folder["wave.safetensors"];
        // README: catalog

        CellCatalog cells = CellCatalog.BuiltIn
            .With(new CellEntry("mgu", options => new MinimalGatedUnit()))
            .With(new CellEntry("light-ru", options => new LightRecurrentUnit()));
        // end
        // README: check
        foreach (GradientCheckCase one in GradientCheckCases.OfCell("mgu", cells))
            foreach (GradientCheckResult result in GradientCheck.Run(one)) Console.WriteLine(result);
        // end
        Assert.True(Console.Lines.Count > 20);
        Assert.All(Console.Lines.Cast<GradientCheckResult>(), result => Assert.True(result.Passed, result.ToString()));
        Assert.Contains(Console.Lines.Cast<GradientCheckResult>(), result => result.What == "term of h: through n");
        Console.Lines.Clear();
        // README: differences
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new CellOptions { Kind = "light-ru" }, inputSize: 2, hidden: 3, cells: cells);
        using (Edit weights = store.Edit())
            for (int i = 0; i < weights.Values.Length; i++) weights.Values[i] = 0.5f * (float)new Rng(Seed: 1).Normal((ulong)i);

        SequenceBatch some = SequenceBatch.FromSequences(features: 2, [0.3f, -1.2f, 0.8f, 0.1f, -0.5f, 0.9f], [1.1f, 0.4f]);
        using ThreadTeam threads = new(1);
        GradientCheckOfLayer check = new(layer, store, some, new Pass(new Workspace(), threads, default, Training: true));
        foreach (GradientCheckResult result in check.AgainstFloatDifferences()) Console.WriteLine(result);
        // end
        Assert.Equal(5, Console.Lines.Count);
        Assert.All(Console.Lines.Cast<GradientCheckResult>(), result => Assert.True(result.Passed, result.ToString()));
        Console.Lines.Clear();
        float[] wave = [.. Enumerable.Range(0, 601).Select(t => MathF.Sin(0.3f * t))];
        // README: train
        SequenceBatch x = SequenceBatch.FromSequences(1, wave[..^1]), next = SequenceBatch.FromSequences(1, wave[1..]);
        NetworkSpec spec = new(Inputs: 1,
        [
            new RecurrentSpec { Name = "core", Cell = new CellOptions { Kind = "mgu" }, Hidden = 16 }, new DenseSpec { Name = "head", Outputs = 1 },
        ]);
        Network network = Network.Build(spec, cells);
        Initialization.Apply(network, new InitializationOptions { Chrono = 20 }, new Rng(Seed: 1));

        TruncatedBptt bptt = new(network, new SquaredError(), k1: 20, k2: 60, sequences: 1);
        IReadOnlyList<TruncatedUpdate> updates = bptt.UpdatesOf(x, Targets.Of(next));
        TrainerOptions options = new() { Schedule = new ConstantSchedule { Rate = 5e-3f }, Clipping = new Clipping { Limit = 1 } };
        Trainer<TruncatedUpdate> trainer = new(bptt, new AdamOptions().Create(network.Parameters.Length), options, threads);
        for (int epoch = 0; epoch < 4; epoch++)
            foreach (TrainingStep step in trainer.Run(updates, new TrainingPlace(epoch, 0, epoch * updates.Count), PlateauState.Start,
                new Rng(Seed: 2)))
                Console.WriteLine($"{step.Index} {step.Loss:F4}");

        ModelFile.Save(path, network.Spec, taskJson: "{}", network.Parameters, cells: network.Cells);
        // end
        Assert.Equal(120, Console.Lines.Count);
        float Loss(int line) => float.Parse(((string)Console.Lines[line]).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(Loss(119) < 0.1f * Loss(0), $"{Loss(0)} → {Loss(119)}");
        Console.Lines.Clear();
        // README: open
        ModelFile file = ModelFile.Load(path, cells);
        Network opened = Network.Build(file.Spec, file.Cells);
        file.CopyInto(opened.Parameters);

        SequenceBatch first = SequenceBatch.FromSequences(1, wave[..40]);
        InspectionSubject subject = new("forty steps of a wave", opened, first, [.. Enumerable.Range(0, 40).Select(t => $"{t}")],
            new SquaredError(), Targets.Of(SequenceBatch.FromSequences(1, wave[1..41])));
        InspectionResult inside = InspectionResult.Of(subject, new InspectionChoices(), threads);
        foreach (string line in inside.Lines()) Console.WriteLine(line);
        inside.ToPage().Save(Path.ChangeExtension(path, "html"));
        // end
        Assert.Equal(network.Parameters.Values, opened.Parameters.Values);
        LayerGates gates = inside.Layers.Single();
        Assert.False(gates.Find("f")!.RangeIsGuessed);
        Assert.Equal(("f", true), (gates.HalfLife!.Gate, gates.HalfLife.Mean > 0));
        string page = File.ReadAllText(Path.ChangeExtension(path, "html"));
        Assert.Contains("f, forget gate (1 takes the candidate)", page);
        Assert.Contains("its direct path backward is 1 − f", page);
        string refused = Assert.Throws<UserErrorException>(() => ModelFile.Load(path)).Message;
        Assert.StartsWith($"'{path}': layer 'core' has the cell 'mgu', and the catalog of cells that the file is opened with has only lstm, gru",
            refused);
    }

    [Fact]
    public void A_slip_in_its_backward_is_found()
    {
        CellCatalog wrong = CellCatalog.BuiltIn.With(new CellEntry("mgu", _ => new WithoutTheResetPath()));
        Assert.Contains(GradientCheckCases.OfCell("mgu", wrong).SelectMany(GradientCheck.Run), result => !result.Passed);
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new WithoutTheResetPath(), projection: null, inputSize: 2, hidden: 3);
        using (Edit weights = store.Edit())
            for (int i = 0; i < weights.Values.Length; i++) weights.Values[i] = 0.5f * (float)new Rng(1).Normal((ulong)i);
        SequenceBatch x = SequenceBatch.FromSequences(features: 2, [0.3f, -1.2f, 0.8f, 0.1f, -0.5f, 0.9f], [1.1f, 0.4f]);
        GradientCheckOfLayer check = new(layer, store, x, new Pass(new Workspace(), LayerCases.One, default, Training: true));
        Assert.Contains(check.AgainstFloatDifferences(), result => !result.Passed);
    }

    [Fact]
    public void A_cell_without_equations_says_so_where_the_textbook_is_asked()
    {
        string message = Assert.Throws<UserErrorException>(() => GradientCheck.Run(GradientCheckCases.OfCell("light-ru", OwnCells.All)[0])).Message;
        Assert.Contains("'light-ru' brings no equations in double", message);
    }

    // The minimal gated unit whose backward forgets that h₋ goes through f ⊙ h₋ too.
    private sealed class WithoutTheResetPath : Unroll.Inspection.Textbook.IKnowsEquations
    {
        private readonly MinimalGatedUnit _right = new();
        public string Name => _right.Name;
        public string Gates => _right.Gates;
        public bool HasCellState => _right.HasCellState;
        public IReadOnlyList<string> Saved => _right.Saved;
        public IReadOnlyList<Product> Products => _right.Products;
        public int Stages => _right.Stages;
        public int ExtraRows => _right.ExtraRows;
        public Unroll.Inspection.Textbook.ICellEquations Equations => _right.Equations;
        public void Forward(int stage, in Tile s) => _right.Forward(stage, s);
        public void AddExtraGradients(in UnitRange s) => _right.AddExtraGradients(s);
        public void Backward(int stage, in TileBack s)
        {
            if (stage == 0)
                for (int row = 0; row < s.DSource().Rows; row++) s.DSource().Row(row).Clear();
            _right.Backward(stage, s);
        }
    }
}
