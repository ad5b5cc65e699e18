// README: task
using Unroll.Cells;
using Unroll.Inspection;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
// end

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/own-cell.md, run; the lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class OwnCellTaskCode
{
    [Fact]
    public void A_cell_of_ones_own_is_trained_in_a_task_saved_opened_and_inspected()
    {
        // README: task
        CellCatalog cells = CellCatalog.BuiltIn.With(new CellEntry("mgu", _ => new MinimalGatedUnit()));
        LanguageOptions options = new() { Cell = "mgu", Hidden = 64, Layers = 1, Embedding = 32, Epochs = 2 };
        LanguageData text = LanguageData.Of(GrammarText.Generate(sentences: 400), options);
        LanguageRun run = LanguageRun.Begin(options, text, new RunSettings { Cells = cells });
        Console.WriteLine($"perplexity {run.Train()!.Scores.Perplexity:F2}");
        string path = Path.Combine(Path.GetTempPath(), "mgu.safetensors");
        run.Model.Save(path);

        // in another program, which has the cell too
        LanguageModel model = LanguageModel.Open(path, cells);
        Console.WriteLine(model.Sample("The old ", symbols: 60));
        InspectionResult inside = InspectionResult.Of(model.Subject("grammar", 0, DataFiles.Disk), new InspectionChoices(), ThreadTeam.Default);
        foreach (string line in inside.Lines()) Console.WriteLine(line);
        inside.ToPage().Save(Path.ChangeExtension(path, ".html"));
        // end
        Assert.Equal(run.Model.WeightsSha256, model.WeightsSha256);
        Assert.True(run.Finish()!.Scores.Mean < run.Finish()!.Baselines[1].Nats);
        Assert.Contains("mgu", Assert.Throws<Unroll.Core.UserErrorException>(() => LanguageModel.Open(path)).Message);
        File.Delete(path);
        File.Delete(Path.ChangeExtension(path, ".html"));
    }
}
