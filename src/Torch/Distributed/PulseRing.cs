using System.Runtime.InteropServices;

namespace DataSsl.Torch.Distributed;

/// <summary>
/// Words that the processes pass round in a ring, each to the one before it: so each is heard by one other. For one thread.
/// </summary>
internal sealed unsafe class PulseRing : IDisposable
{
    private const string Operation = "pulse";
    private readonly nint communicator;
    private readonly int listener;
    private readonly int* sent = (int*)NativeMemory.Alloc(sizeof(int));
    private readonly int* heard = (int*)NativeMemory.Alloc(sizeof(int));
    private nint sending;
    private nint hearing;
    private bool isSending;

    public PulseRing(nint communicator)
    {
        this.communicator = communicator;
        var (rank, size) = Mpi.Place(communicator);
        (listener, Heard) = ((rank + size - 1) % size, (rank + 1) % size);
        Listen();
    }

    /// <summary>The process whose words come here.</summary>
    public int Heard { get; }

    /// <summary>Sends a word, and does not wait; false where the word before has not left yet, as where nobody takes them.</summary>
    public bool TrySay(int word)
    {
        if (isSending && !Test(ref sending)) return false;
        *sent = word;
        nint request;
        Mpi.Check(Mpi.MPI_Isend(sent, sizeof(int), Mpi.Byte, listener, 0, communicator, &request), Operation);
        (sending, isSending) = (request, true);
        return true;
    }

    /// <summary>The next word that has come; null where none has.</summary>
    public int? Next()
    {
        if (!Test(ref hearing)) return null;
        var word = *heard;
        Listen();
        return word;
    }

    /// <summary>Stops listening. The word sent last may be under way still, so its memory stays.</summary>
    public void Dispose()
    {
        var request = hearing;
        _ = Mpi.MPI_Cancel(&request);
        _ = Mpi.MPI_Request_free(&request);
    }

    private void Listen()
    {
        nint request;
        Mpi.Check(Mpi.MPI_Irecv(heard, sizeof(int), Mpi.Byte, Heard, 0, communicator, &request), Operation);
        hearing = request;
    }

    private static bool Test(ref nint request)
    {
        var own = request;
        var done = Mpi.Test(&own, Operation);
        request = own;
        return done;
    }
}
