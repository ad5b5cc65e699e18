// README: load
using Unroll.Core;
using Unroll.Formats;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
// end
using Unroll.Tests.Architecture;
using Unroll.Tests.Formats;
using Unroll.Tests.Laws;
using System.Diagnostics;
using System.Globalization;

namespace Unroll.Tests.Docs;

/// <summary>Code of docs/pytorch.md, run; the lines between the marks are compared with the page, see Architecture/ReadmeTests.</summary>
public sealed class PyTorchCode
{
    [Fact]
    public void Weights_of_PyTorch_are_loaded_below_a_head_of_ones_own()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Formats", "Fixtures", "pytorch-modules.safetensors");
        // README: load
        PyTorchWeights weights = PyTorchWeights.Load(path, prefix: "lstm-both.");
        NetworkSpec spec = new(weights.Inputs, [weights.Spec, new DenseSpec { Name = "head", Outputs = 1 }]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(Seed: 1));
        weights.CopyInto(network.Parameters);
        // end
        Assert.Equal(
            TensorFile.Read(path).Find("lstm-both.weight_hh_l1_reverse")!.Float32.ToArray(),
            network.Parameters.All.Single(parameter => parameter.Name.EndsWith(".weight_hh_l1_reverse", StringComparison.Ordinal)).Values.ToArray());
    }

    // Both compute in float32: some hundred roundings of 6e-8 on outputs below 1.
    [Fact, Trait("Category", "Slow")]
    public void PyTorch_reads_a_model_file_by_the_script_of_the_page_and_answers_as_we_do()
    {
        string? python = Python();
        Assert.SkipWhen(python is null, "needs Python with PyTorch");
        NetworkSpec spec = new(2,
        [
            new RecurrentSpec { Name = "encoder", Hidden = 4, Layers = 2, Direction = Direction.Bidirectional },
            new DenseSpec { Name = "head", Outputs = 1 },
        ]);
        Network network = Network.Build(spec);
        Initialization.Apply(network.Parameters, spec, new InitializationOptions(), new Rng(Seed: 1));
        using TempFolder folder = new();
        ModelFile.Save(folder["model.safetensors"], spec, "{}", network.Parameters);
        File.WriteAllText(folder["read.py"], ReadmeTests.Blocks("python", File.ReadAllText(SourceTree.At("docs/pytorch.md"))).Single());

        (int exit, string output) = Run(python!, folder["read.py"], folder["model.safetensors"]);
        Assert.True(exit == 0, output);
        SequenceBatch x = SequenceBatch.FromSequences(2, [.. Enumerable.Range(0, 10).Select(i => i / 10f)]);
        float[] y = network.Forward(x, null, LayerCases.NewPass()).Output.All.ToArray();
        Assert.Equal(y, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => float.Parse(line, CultureInfo.InvariantCulture)),
            (a, b) => Math.Abs(a - b) <= 1e-5f);
    }

    private static string? Python() =>
        new[] { "/usr/bin/python3", "python3", "python" }.FirstOrDefault(program => Run(program, "-c", "import torch").Exit == 0);

    private static (int Exit, string Output) Run(string program, params string[] arguments)
    {
        try
        {
            using Process process =
                Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, process.ExitCode == 0 ? output : errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)                         // there is no such program
        {
            return (-1, "");
        }
    }
}
