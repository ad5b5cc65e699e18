using Unroll.Core;
using Unroll.Mpi.Native;

namespace Unroll.Mpi;

/// <summary>
/// A thread that tells the other ranks again and again that this one lives, and listens to them. A rank whose beats stay away has been stopped, has
/// ended, or cannot be reached; one whose steps take long is heard all the time. What it learns it keeps for those who ask.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private const int Interval = 200;                                    // milliseconds between beats; what others say is read ten times as often
    private const int Look = 20;
    private readonly Beats _beats;
    private readonly int _rank, _ranks;
    private readonly double _patience;
    private readonly Action<RankLost> _lost;
    private readonly Thread _thread;
    private readonly Lock _state = new();
    private readonly Beat[] _seen;
    private Beat _own;
    private RankLost? _loss;
    private volatile bool _isOver, _hurry, _quit;

    /// <summary>Begins to beat.</summary>
    /// <param name="beats">To and from the others; disposed of with this.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="ranks">How many there are.</param>
    /// <param name="patience">After how long without a sign a rank is lost.</param>
    /// <param name="lost">Called once, on the thread of the heartbeat, when a rank is lost.</param>
    internal Heartbeat(Beats beats, int rank, int ranks, TimeSpan patience, Action<RankLost> lost)
    {
        (_beats, _rank, _ranks, _patience, _lost) = (beats, rank, ranks, patience.TotalMilliseconds, lost);
        _seen = new Beat[ranks];
        _thread = new Thread(Run) { IsBackground = true, Name = "heartbeat", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    /// <summary>The rank that was lost, or null.</summary>
    internal RankLost? Loss
    {
        get { lock (_state) return _loss; }
    }

    /// <summary>What this rank says of itself from now on.</summary>
    internal void Say(Func<Beat, Beat> change)
    {
        lock (_state) _own = change(_own);
        _hurry = true;
    }

    /// <summary>What a rank has said last.</summary>
    internal Beat Of(int rank)
    {
        lock (_state) return rank == _rank ? _own : _seen[rank];
    }

    /// <summary>Whether all have left, and no message is on its way.</summary>
    internal bool IsOver => _isOver;

    public void Dispose()
    {
        _quit = true;
        _thread.Join();
        _beats.Dispose();
    }

    private void Run()
    {
        double[] silent = new double[_ranks];
        long last = Environment.TickCount64, sent = last - Interval;
        bool saidLast = false;
        int heard = -1;
        try
        {
            while (!_quit)
            {
                long now = Environment.TickCount64;
                // Where this process itself was stopped, or the machine asleep, no other is to blame: such a pause counts as one interval.
                double passed = Math.Min(now - last, Interval);
                last = now;
                bool allDone = true;
                for (heard = 0; heard < _ranks; heard++)
                {
                    if (heard == _rank || _beats.HasEnded(heard)) continue;
                    if (_beats.Take(heard) is { } beat)
                    {
                        silent[heard] = 0;
                        lock (_state) _seen[heard] = beat;
                    }
                    else if ((silent[heard] += passed) > _patience)
                    {
                        Lose(new RankLost(heard, TimeSpan.FromMilliseconds(silent[heard]), null));
                        return;
                    }
                }
                Beat own;
                lock (_state)
                {
                    for (int other = 0; other < _ranks; other++) allDone &= (other == _rank ? _own : _seen[other]).Phase >= Phase.Done;
                    if (allDone) _own = _own with { Phase = Phase.Last };
                    own = _own;
                }
                if (own.Phase == Phase.Last)
                {
                    if (!saidLast) saidLast = TrySendLast(own);
                    if (saidLast && AllGone() && _beats.AreOver)
                    {
                        _isOver = true;
                        return;
                    }
                }
                else if (_hurry || now - sent >= Interval)
                {
                    (_hurry, sent) = (false, now);
                    for (heard = 0; heard < _ranks; heard++)
                        if (heard != _rank) _beats.Send(heard, own);
                }
                Thread.Sleep(own.Phase == Phase.Last || own.Failed ? 1 : Look);
            }
        }
        catch (UserErrorException e)
        {
            Lose(new RankLost(Math.Clamp(heard, 0, _ranks - 1), TimeSpan.Zero, e.Message));
        }
    }

    // To all at once, and only when what was sent before has gone: so that a rank's last beat is the last that it sends.
    private bool TrySendLast(Beat own)
    {
        if (!AllGone()) return false;
        for (int other = 0; other < _ranks; other++)
            if (other != _rank) _beats.Send(other, own);
        return true;
    }

    private bool AllGone()
    {
        bool gone = true;
        for (int other = 0; other < _ranks; other++)
            if (other != _rank) gone &= _beats.HasGone(other);
        return gone;
    }

    private void Lose(RankLost loss)
    {
        lock (_state) _loss = loss;
        _lost(loss);
    }
}
