using System.Text.Json;
using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;
using Xunit;

namespace Unroll.Tests.Tasks.Music;

/// <summary>Steps that are spelt note by note.</summary>
public sealed class NoteTests
{
    private const int Low = 60, Some = 4;                                // a tiny keyboard: 60 … 63

    private static readonly PianoRoll[] s_sets =
        [.. Enumerable.Range(0, 10).Select(i => new PianoRoll([.. Enumerable.Range(i, 7).Select(t => t % 3 == 0 ? (int[])[60, 62] : [61, 62, 63])]))];

    private static readonly PianoRoll[] s_voices =
        [.. Enumerable.Range(0, 10).Select(i => new PianoRoll([.. Enumerable.Range(i, 7).Select(t => t % 3 == 0 ? (int[])[60, 62] : [61])])
        { Voices = [.. Enumerable.Range(i, 7).Select(t => t % 3 == 0 ? (int[])[62, 60] : [61, t % 2 == 0 ? 61 : -1])] })];

    private static MusicModel Train(PianoRoll[] rolls, int hidden = 6) => MusicModel.Train(MusicData.Rolls(rolls),
        new MusicOptions { Hidden = hidden, Embedding = 5, Epochs = 2, Batch = 2, LearningRate = 0.02, Split = [0.8, 0.1] });

    // Only the keys of a tiny keyboard can come.
    private static MusicModel Tiny(PianoRoll[] rolls)
    {
        MusicModel model = Train(rolls);
        using Edit edit = model.Network.Parameters.Edit();
        Parameter bias = model.Network.Parameters.All.Single(one => one.Name == "head.bias");
        for (int k = 0; k < MusicModel.Keys; k++)
            if (k + MusicModel.LowestKey is < Low or >= Low + Some) edit.Of(bias)[k] = float.NegativeInfinity;
        return model;
    }

    [Fact]
    public void The_probabilities_of_all_sets_of_keys_have_the_sum_1()
    {
        MusicModel model = Tiny(s_sets);
        foreach (int[] before in (int[][])[[], [62], [60, 61, 62, 63]])
        {
            double sum = 0;
            for (int set = 0; set < 1 << Some; set++)
            {
                MusicSession session = new(model);
                session.Step(before);
                sum += Math.Exp(-session.Step([.. Enumerable.Range(0, Some).Where(k => (set >> k & 1) == 1).Select(k => Low + k)]).Nats!.Value);
            }
            Assert.Equal(1, sum, 1e-5);
        }
    }

    [Fact]
    public void The_probabilities_of_all_steps_of_two_voices_have_the_sum_1()
    {
        MusicModel model = Tiny(s_voices);
        Assert.Equal(2, model.Options.Voices);
        double sum = 0;
        int[] notes = [-1, .. Enumerable.Range(Low, Some)];
        foreach (int high in notes)
            foreach (int low in notes)
            {
                MusicSession session = new(model);
                session.Step(62, -1);
                sum += Math.Exp(-session.Step(high, low).Nats!.Value);
            }
        Assert.Equal(1, sum, 1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_cannot_come_has_probability_0_and_a_step_one_spelling(int voices)
    {
        NoteCode code = new(voices);
        float[] scores = new float[code.Symbols], p = new float[code.Symbols], outputs = new float[code.Outputs];
        code.Scores(outputs, [40, 30, 40, 1], scores);
        Softmax.Row(scores, p);
        Assert.Equal(1, p.Sum(), 1e-5);
        if (voices == 0)
        {
            Assert.All(p[40..88], one => Assert.Equal(0, one));          // not above the note above, nor the same again
            Assert.All(p[..40], one => Assert.True(one > 0));
        }
        else
        {
            Assert.Equal(0, p[40]);                                      // that is the note which is held
            Assert.True(p[NoteCode.Held] > 0 && p[41] > 0 && p[NoteCode.Rest] > 0);
        }
    }

    //  L = −Σ ln softmax(scores)[symbol], in double, against central differences
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void The_gradient_of_the_loss_is_that_of_its_equation(int voices)
    {
        NoteCode code = new(voices);
        const int rows = 4;
        Rng random = new(3);
        double[] y = [.. Enumerable.Range(0, rows * code.Outputs).Select(i => (double)(float)random.Normal((ulong)i))];
        float[] places = [88, -1, -1, 0, 50, 87, 50, 1, 12, 2, 12, 2, 30, 44, 31, 1];
        if (voices > 0) places[0] = -1;
        int[] symbols = [60, 49, code.Symbols - 1, 5];
        double Loss()
        {
            double sum = 0;
            for (int row = 0; row < rows; row++)
            {
                double[] z = new double[code.Symbols];
                for (int k = 0; k < z.Length; k++)
                {
                    z[k] = code.Legal(k, (int)places[4 * row]) ? y[row * code.Outputs + k] : double.NegativeInfinity;
                    for (int which = 0; k < MusicModel.Keys && which < 2; which++)
                    {
                        int other = (int)places[4 * row + 1 + which];
                        if (other >= 0 && Math.Abs(k - other) <= NoteCode.Reach)
                            z[k] += y[row * code.Outputs + code.Symbols + which * NoteCode.Near + k - other + NoteCode.Reach];
                    }
                }
                sum += Math.Log(z.Sum(Math.Exp)) - z[symbols[row]];
            }
            return sum;
        }
        SequenceLayout layout = SequenceLayout.Uniform(1, rows);
        SequenceBatch outputs = new(layout, code.Outputs, Array.ConvertAll(y, one => (float)one)), dy = SequenceBatch.Zeros(layout, code.Outputs);
        dy.All.Fill(float.NaN);                                          // overwritten
        using ThreadTeam one = new(1);
        LossSum loss = new NoteLoss(code).Compute(outputs, new Targets { Labels = symbols, Values = new SequenceBatch(layout, 4, places) }, dy,
            new Pass(new Workspace(), one, new Rng(0), Training: true));
        Assert.Equal(Loss(), loss.Sum, 1e-4);
        Assert.Equal(1, loss.Count);
        for (int i = 0; i < y.Length; i++)
        {
            double at = y[i];
            y[i] = at + 1e-5;
            double above = Loss();
            y[i] = at - 1e-5;
            double numeric = (above - Loss()) / 2e-5;
            y[i] = at;
            Assert.Equal(numeric, dy.All[i], 2e-6);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Note_by_note_the_bits_are_those_of_the_whole_piece(int voices)
    {
        PianoRoll piece = (voices == 0 ? s_sets : s_voices)[3];
        MusicModel model = Train(voices == 0 ? s_sets : s_voices);
        NoteCode code = model.Notes!;
        (float[] x, float[] places, int[] symbols) = model.Encode(new MusicPiece("p", piece, []));
        using ThreadTeam one = new(1);
        SequenceBatch whole = model.Network.Forward(SequenceBatch.FromSequences(model.Network.InputSize, x), null,
            new Pass(new Workspace(), one, new Rng(0), Training: false)).Output;
        float[] logs = new float[code.Symbols];
        NotePredictor predictor = new(model, 3);                         // beside others
        predictor.Advance();
        double nats = 0;
        for (int row = 0; row < symbols.Length; row++)
        {
            new NoteMixture(code, 1).Add(0, whole.Row(row, 0), places.AsSpan(4 * row, 4), logs);
            Assert.Equal(logs, predictor.Logs(1).ToArray());
            nats -= logs[symbols[row]];
            for (int i = 0; i < 3; i++) predictor[i].Take(i == 1 ? symbols[row] : Any(predictor.Logs(i), row + i));
            predictor.Advance();
        }
        Assert.Equal(piece.Steps.Count, predictor[1].Steps);
        Assert.Equal(nats / piece.Steps.Count, model.NatsPerStep([new MusicPiece("p", piece, [])]), 1e-6);
        MusicSession session = new(model);
        double steps = 0;
        for (int t = 0; t < piece.Steps.Count; t++) steps += session.Step(piece.Voices?[t] ?? piece.Steps[t]).Nats!.Value;
        Assert.Equal(nats, steps, 1e-9);

        static int Any(ReadOnlySpan<float> logs, int seed)
        {
            int at = seed * 7 % logs.Length;
            while (float.IsNegativeInfinity(logs[at])) at = (at + 1) % logs.Length;
            return at;
        }
    }

    [Fact]
    public void A_snapshot_and_a_fork_go_on_with_the_same_bits_and_draws()
    {
        MusicSession session = new(Train(s_voices), new SamplingOptions { Seed = 5, TopP = 0.95 });
        session.Step(62, 60);
        byte[] snapshot = session.State.Snapshot();
        MusicSession fork = (MusicSession)session.Fork();
        MusicNext drawn = session.Draw(9);
        Assert.Equal(10, session.State.Position);
        Assert.Equal(drawn.Drawn, fork.Draw(9).Drawn);
        session.State.Restore(snapshot);
        MusicNext again = (MusicNext)session.Step(JsonDocument.Parse("""{"draw": 9}""").RootElement);
        Assert.Equal(drawn.Drawn, again.Drawn);
        Assert.Equal(drawn.Probabilities, again.Probabilities);
        Assert.Equal(1, again.Probabilities.Sum(), 1e-5);
        Assert.Contains("expected {\"draw\": N}",
            Assert.Throws<UserErrorException>(() => session.Step(JsonDocument.Parse("""{"draw": 0}""").RootElement)).Message);
    }

    [Fact]
    public void A_given_voice_stays_as_it_is_and_the_others_are_put_around_it()
    {
        int[] melody = [62, 62, 61, 62, 62, 61, 62, 62];
        foreach ((PianoRoll[] rolls, int voice) in ((PianoRoll[], int)[])[(s_sets, 0), (s_voices, 0), (s_voices, 1), (s_sets, 1)])
        {
            PianoRoll piece = NoteComposer.Harmonize(Train(rolls), new SamplingOptions { Seed = 2 }, melody, voice, pieces: 16, default);
            Assert.Equal(melody, melody.Select((_, t) => piece.Voices is { } voices ? voices[t][voice] : piece.Steps[t][^(voice + 1)]));
        }
    }

    [Fact]
    public void Each_feature_and_each_output_has_a_name_of_its_own()
    {
        foreach (NoteCode code in (NoteCode[])[new(0), new(4)])
        {
            Assert.Equal(NoteSpeller.InputsOf(code), NoteSpeller.InputNames(code).Distinct().Count());
            Assert.Equal(code.Outputs, code.OutputNames().Distinct().Count());
        }
    }

    [Fact]
    public void Pieces_are_moved_to_all_keys_that_keep_them_on_the_keyboard()
    {
        Assert.Equal(Enumerable.Range(-5, 12), NoteSpelling.Moves(new PianoRoll([[60]]), 6));
        Assert.Equal([-2, -1, 0, 1, 2], NoteSpelling.Moves(new PianoRoll([[60]]), 2));
        Assert.Equal([0, 1, 2], NoteSpelling.Moves(new PianoRoll([[21, 106]]), 6));
        Assert.Equal([0], NoteSpelling.Moves(new PianoRoll([[60]]), 0));
    }

    [Fact]
    public void A_file_keeps_voices_apart_where_its_places_are_no_sets()
    {
        IReadOnlyList<int[]>? Voices(string json) => PianoRoll.ReadJson(System.Text.Encoding.UTF8.GetBytes(json), "p.json")[""][0].Voices;
        Assert.Equal<int[]>([[72, 60], [-1, 62]], Voices("[[[72, 60], [-1, 62]]]"));
        Assert.Equal<int[]>([[72, 60], [-1, 62]], Voices("[[[60, 72], [62, -1]]]"));           // from the highest
        Assert.Null(Voices("[[[60, 72], [62, 74]]]"));
        Assert.Null(Voices("[[[72, 60], [-1, 62, 64]]]"));
        Assert.Equal<int[]>([[60, 60], [62, 61]], Voices("[[[60, 60], [62, 61]]]"));
    }

    [Fact]
    public void A_model_that_was_written_before_this_has_independent_keys()
    {
        MusicOptions read = MusicOptions.Table.FromJson(MusicOptions.Table.ToJson(new MusicOptions { Keys = MusicKeys.Independent, Transpose = 0 })
            .Replace("\"keys\": \"independent\",", ""), MusicOptions.Earlier, "c.json");
        Assert.Equal(MusicKeys.Independent, read.Keys);
        Assert.Equal(MusicKeys.Joint, ((MusicOptions)MusicTask.Instance.Defaults).Keys);
    }
}
