namespace DataSsl.Kernels;

/// <summary>Work that is written once for sums of bytes' products in vectors of every width.</summary>
internal interface IByteWork
{
    void Run<TSums>() where TSums : unmanaged, IByteSums<TSums>;
}
