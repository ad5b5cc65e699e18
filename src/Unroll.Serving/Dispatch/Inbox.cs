namespace Unroll.Serving.Dispatch;

/// <summary>
/// What comes to a loop from other threads: requests, and seats whose rows have been written. Where something has come the loop gets a turn on the
/// thread pool, one at a time.
/// </summary>
/// <param name="most">The most requests that are on their way or wait for their session.</param>
/// <param name="turn">Takes what has come, and then calls <see cref="Rest"/>.</param>
internal sealed class Inbox(int most, IThreadPoolWorkItem turn)
{
    private readonly object _gate = new();
    private List<Request> _requests = [], _spareRequests = [];
    private List<Seat> _written = [], _spareWritten = [];
    private bool _closed, _turn;                             // whether a turn is to come, or goes on
    private int _open;

    /// <summary>Requests that have not been answered.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Whether nothing more comes.</summary>
    public bool Closed
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    /// <summary>A request comes.</summary>
    /// <returns>False: there are too many, or the loop has ended.</returns>
    public bool Add(Request request, bool always = false)
    {
        lock (_gate)
        {
            if (_closed || _open >= most && !always) return false;
            Interlocked.Increment(ref _open);
            _requests.Add(request);
            if (_turn) return true;
            _turn = true;
        }
        Queue();
        return true;
    }

    /// <summary>A row has an outcome.</summary>
    public void Add(Seat written)
    {
        lock (_gate)
        {
            _written.Add(written);
            if (_turn) return;
            _turn = true;
        }
        Queue();
    }

    /// <summary>A request has been answered.</summary>
    public void Answered() => Interlocked.Decrement(ref _open);

    /// <summary>Nothing more comes.</summary>
    public void Close()
    {
        lock (_gate) _closed = true;
    }

    /// <summary>Waits until nothing more comes and everything has been answered.</summary>
    public void Join()
    {
        lock (_gate)
            while (!_closed || _turn || _open > 0) Monitor.Wait(_gate);
    }

    /// <summary>What has come; it is the caller's until the next call.</summary>
    /// <param name="requests">Requests, in the order in which they came.</param>
    /// <param name="written">Seats whose rows have an outcome.</param>
    public void Take(out List<Request> requests, out List<Seat> written)
    {
        _spareRequests.Clear();
        _spareWritten.Clear();
        lock (_gate)
        {
            (requests, _requests, _spareRequests) = (_requests, _spareRequests, _requests);
            (written, _written, _spareWritten) = (_written, _spareWritten, _written);
        }
    }

    /// <summary>A turn is over; another one follows where there is more to do.</summary>
    /// <param name="busy">Whether there is, whatever has come.</param>
    public void Rest(bool busy)
    {
        lock (_gate)
        {
            _turn = busy || _requests.Count > 0 || _written.Count > 0;
            if (!_turn)
            {
                Monitor.PulseAll(_gate);
                return;
            }
        }
        Queue();
    }

    // Behind the work that is about to bring more.
    private void Queue() => ThreadPool.UnsafeQueueUserWorkItem(turn, preferLocal: false);
}
