using Unroll.Core;
using Unroll.Exchange.Importing;
using Unroll.Exchange.PyTorch;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Importing;

/// <summary>What weights do not say: it is read where the file has it, and else said or refused.</summary>
public sealed class UnsaidTests
{
    private static ImportedNetwork Import(string name) => ModuleImport.Read(PyTorchCheckpoint.Read(
        Path.Combine(AppContext.BaseDirectory, "Importing", "Fixtures", $"{name}.pth")), new ImportOptions());

    [Fact]
    public void A_class_of_the_files_own_is_named() =>
        Assert.Contains(Import("own-cell").Notes, note => note.Contains("__main__.MyCell", StringComparison.Ordinal)
            && note.Contains("code that is not in the file", StringComparison.Ordinal));

    [Fact]
    public void The_epsilon_of_a_norm_is_that_of_the_whole_module()
    {
        ImportedNetwork made = Import("norm-epsilon");
        Assert.Equal(1e-2, made.Network.Spec.Layers.OfType<LayerNormSpec>().Single().Epsilon);
        Assert.DoesNotContain(made.Notes, note => note.Contains("1e-5", StringComparison.Ordinal));
    }

    [Fact]
    public void A_norm_without_weights_is_named() =>
        Assert.Contains(Import("norm-without-weights").Notes, note => note.Contains("n (LayerNorm)", StringComparison.Ordinal));

    [Fact]
    public void A_view_whose_sign_is_turned_when_it_is_read_is_refused_or_named()
    {
        string said;
        try
        {
            ImportedNetwork made = Import("negative-view");
            said = string.Join('\n', [.. made.Notes, .. made.Unused]);
            Assert.DoesNotContain("h.weight", made.Sources.Values.Select(one => one.Name));
        }
        catch (UserErrorException e)
        {
            said = e.Message;
        }
        Assert.Contains("h.weight", said);
    }
}
