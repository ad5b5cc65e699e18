using Unroll.Cli.Lab;
using Unroll.Cli.Lab.Gates;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Cli.Lab;

public sealed class GatesLabTests
{
    private static ForcedCell Cell => new(new Rng(5), Inputs: 2, Hidden: 3, Steps: 20);

    // What is kept, dropped or hidden wholly is exact; where tanh or a sum is rounded, each of 20 steps adds at most two units of 2⁻²⁴.
    [Fact]
    public void Held_gates_do_what_they_should()
    {
        using ThreadTeam threads = new(1);
        foreach (GateCheck check in GateCheck.All(Cell))
        {
            Assert.Equal(0, check.Deviation(CellTrace.Textbook));
            Assert.InRange(check.Deviation(CellTrace.Engine(threads)), 0, 20 * Math.ScaleB(1, -23));
        }
    }

    [Fact]
    public void A_check_can_fail()
    {
        GateCheck keeps = GateCheck.All(Cell)[0];
        CellTrace.Run leaking = (cell, x, h0, c0) =>
        {
            cell.Gate('f', null, null, bias: 2);
            return CellTrace.Textbook(cell, x, h0, c0);
        };
        Assert.True(keeps.Deviation(leaking) > 0.1);
    }

    [Fact]
    public void A_coupled_lstm_comes_to_a_gru_with_the_square_of_its_size()
    {
        LabTable table = GateSweeps.CoupledBesideGru(Cell);
        double ratio = table.Rows[2][3].Number!.Value / table.Rows[3][3].Number!.Value;
        Assert.InRange(ratio, 95, 105);                              // a tenth of the size, a hundredth of the difference
    }

    [Fact]
    public void An_lstm_counts_its_steps_and_a_gru_stays_within_one()
    {
        using ThreadTeam threads = new(1);
        LabTable reach = GateSweeps.Reach(Cell, CellTrace.Engine(threads), draws: 2);
        Assert.Equal(20, reach.Rows[0][2].Number);
        for (int row = 1; row < reach.Rows.Count; row++) Assert.InRange(reach.Rows[row][2].Number!.Value, 0.99, 1);
    }

    [Fact]
    public void The_experiment_ends_with_every_claim_decided()
    {
        using ThreadTeam threads = new(2);
        LabResult result = GatesLab.Measure(new LabRun(false, 1, threads, TextWriter.Null), hidden: 3, steps: 30, draws: 2);
        Assert.All(result.Verdicts, verdict => Assert.True(verdict.Holds, $"{verdict.Notes}: {verdict.Found}"));
        Assert.Equal(["S25", "S37", "S39", "S45", "S45", "S46"], result.Verdicts.Select(verdict => verdict.Notes));
    }
}
