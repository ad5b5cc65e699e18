using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data.TimeSeries;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tasks.Translation;

namespace Unroll.Tests.Tasks.Music;

public sealed class MusicSessionTests
{
    private static readonly PianoRoll[] s_rolls =
        [.. Enumerable.Range(0, 12)
            .Select(i => new PianoRoll([.. Enumerable.Range(i, 9).Select(t => t % 2 == 0 ? (int[])[60, 64, 67] : [62, 65, 69])]))];

    private static MusicModel Train(ulong seed = 1) =>
        MusicModel.Train(MusicData.Rolls(s_rolls),
            new MusicOptions { Keys = MusicKeys.Independent, Hidden = 6, Layers = 2, Epochs = 1, Seed = seed });

    [Fact]
    public void A_model_is_trained_on_with_the_dropout_of_the_run_and_stays_as_it_was()
    {
        MusicModel model = Train();
        string before = model.WeightsSha256;
        string On(MusicOptions options)
        {
            MusicRun run = MusicRun.Begin(options with { Hidden = 6, Layers = 2, Epochs = 1 }, MusicData.Rolls(s_rolls),
                new RunSettings { From = model });
            ((ITaskRun)run).Train();
            return run.Model.WeightsSha256;
        }
        MusicOptions independent = new() { Keys = MusicKeys.Independent };
        Assert.NotEqual(On(independent with { Dropout = 0 }), On(independent with { Dropout = 0.5 }));
        Assert.Equal(before, model.WeightsSha256);
    }

    [Fact]
    public void A_model_of_another_task_is_not_trained_on()
    {
        RunSettings settings = new() { From = Train() };
        void Refused(Action begin) =>
            Assert.Contains("from: it is a model of the task music", Assert.Throws<OptionException>(begin).Message);
        Refused(() => TranslationRun.Begin(new TranslationOptions(), TranslationData.From([("a b", "c"), ("d", "e f"), ("g", "h")]), settings));
        Refused(() => SpeechRun.Begin(new SpeechOptions(), ToneWords.All(1), settings));
        Refused(() => LabelRun.Begin(new LabelOptions(), LabelData.From([("a b", "c"), ("d", "e f"), ("g", "h")]), settings));
        Refused(() => ForecastRun.Begin(new ForecastOptions(), [Series.Of("", [.. Enumerable.Range(0, 90).Select(t => (double)(t % 6))])], settings));
    }

    [Fact]
    public void Steps_give_the_bits_of_the_whole_piece()
    {
        MusicModel model = Train();
        PianoRoll piece = s_rolls[0];
        (float[] x, _, _) = model.Encode(new MusicPiece("p", piece, []));
        using ThreadTeam one = new(1);
        SequenceBatch whole = model.Network.Forward(SequenceBatch.FromSequences(MusicModel.Keys, x), null,
            new Pass(new Workspace(), one, new Rng(0), Training: false)).Output;
        MusicSession session = new(model);
        for (int t = 0; t < piece.Steps.Count; t++)
        {
            Assert.Equal(whole.Row(t, 0).ToArray(), session.Scores.ToArray());
            session.Step(piece.Steps[t]);
        }
    }

    [Fact]
    public void A_snapshot_a_fork_and_a_kept_position_go_on_with_the_same_bits()
    {
        MusicModel model = Train();
        MusicSession session = new(model) { };
        session.Step(60, 64);
        byte[] snapshot = session.State.Snapshot();
        MusicSession fork = (MusicSession)session.Fork();
        float[] next = Take(session, 62);
        Assert.Equal(next, Take(fork, 62));
        session.State.Restore(snapshot);
        Assert.Equal(1, session.State.Position);
        Assert.Equal(next, Take(session, 62));
        Assert.Equal(2, session.State.Position);
        Assert.Contains("rewind: there is no snapshot of position 1", Assert.Throws<UserErrorException>(() => session.State.Rewind(1)).Message);

        static float[] Take(MusicSession session, int pitch)
        {
            session.Step(pitch);
            return session.Scores.ToArray();
        }
    }

    [Fact]
    public void A_snapshot_of_other_weights_or_one_that_is_cut_short_is_refused_and_changes_nothing()
    {
        MusicSession session = new(Train()), other = new(Train(seed: 2));
        session.Step(60);
        byte[] before = session.State.Snapshot();
        Assert.Contains("a model with other weights", Assert.Throws<UserErrorException>(() => session.State.Restore(other.State.Snapshot())).Message);
        Assert.Contains("cut short", Assert.Throws<UserErrorException>(() => session.State.Restore(before[..^3])).Message);
        Assert.Equal(before, session.State.Snapshot());
    }

    [Fact]
    public void Json_steps_are_pitches_of_a_roll_and_symbols_of_a_tune()
    {
        MusicSession roll = new(Train());
        JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
        MusicNext next = (MusicNext)roll.Step(Json("[60, 64]"));
        Assert.Equal(MusicModel.Keys, next.Names.Count);
        Assert.Contains("expected a list of pitches", Assert.Throws<UserErrorException>(() => roll.Step(Json("{}"))).Message);
        Assert.Contains("got 'C'", Assert.Throws<UserErrorException>(() => roll.Step("C")).Message);

        MusicModel tunes = MusicModel.Train(MusicData.Tunes(Enumerable.Range(0, 12).Select(i => $"X:{i}\nM:4/4\nL:1/8\nK:C\nCDEF|GABc|\n")),
            new MusicOptions { Hidden = 4, Embedding = 3, Epochs = 1 });
        MusicNext symbol = (MusicNext)tunes.NewSession().Step(Json("\"M:4/4\""));
        Assert.Equal(1, symbol.Probabilities.Sum(), 1e-5);
    }

    [Fact]
    public void Pieces_in_memory_give_the_weights_of_the_same_pieces_in_a_file()
    {
        string json = "["
            + string.Join(',', s_rolls.Select(roll => "[" + string.Join(',', roll.Steps.Select(step => $"[{string.Join(',', step)}]")) + "]")) + "]";
        MusicOptions options = new() { Hidden = 6, Epochs = 2, Data = ["pieces.json"] };
        ITaskRun file = MusicTask.Instance.Begin(options, Unroll.Tasks.Data.DataFiles.Of("pieces.json", json));
        file.Train();
        Assert.Equal(file.Model.WeightsSha256, MusicModel.Train(MusicData.Rolls(s_rolls), options).WeightsSha256);
    }
}
