"""Clients that never give up: each batch is sent to one node after another, the same bytes, until one gives its receipt."""

import random
import threading
from dataclasses import dataclass
from typing import Callable

import grpc
from cairn.v1 import ledger_pb2, ledger_service_pb2

from authors import Author
from cairn_client import Client
from chaos_book import LEVELS, Book, ask
from events import event_record, sgtin_link
from notes import Policy

CALL_SECONDS = 5.0
PAUSE_SECONDS = 0.1


@dataclass
class Load:
    """Threads that write and threads that ask, until `stopped`."""

    connect: Callable[[str], Client]
    nodes: list[str]
    policy: Policy
    book: Book
    stopped: threading.Event

    def start(self, authors: list[Author], dice: random.Random) -> list[threading.Thread]:
        jobs = [(self.write, (author, random.Random(dice.random()))) for author in authors]
        jobs += [(self.question, (node, random.Random(dice.random()))) for node in self.nodes]
        threads = [threading.Thread(target=self.guarded, args=job, daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        return threads

    def guarded(self, job: Callable[..., None], arguments: tuple[object, ...]) -> None:
        try:
            job(*arguments)
        except Exception as error:  # a thread that dies in silence would make the run look better than it is
            self.book.wrong(f"a client failed: {type(error).__name__}: {error}")

    def write(self, author: Author, dice: random.Random) -> None:
        """Every writer prefers a node, and goes to others while that one refuses."""
        clients = {node: self.connect(node) for node in self.nodes}
        node = dice.choice(self.nodes)
        while not self.stopped.is_set():
            batch = author.next_batch([self.event(dice) for _ in range(dice.randint(1, 6))])
            wanted = dice.choice(list(LEVELS))
            while not self.send(node, clients[node], batch, wanted):
                if self.stopped.wait(PAUSE_SECONDS):
                    return  # nobody answered yet: the batch is in the log or not, and either is right
                node = dice.choice(self.nodes)
            if dice.random() < 0.1:  # a client that did not get its answer asks again, perhaps elsewhere
                other = dice.choice(self.nodes)
                self.send(other, clients[other], batch, wanted)

    def send(self, node: str, client: Client, batch: ledger_pb2.Batch, wanted: int) -> bool:
        request = ledger_service_pb2.SubmitRequest(batch=batch, wait_for=wanted)
        try:
            receipt = client.ledger.Submit(request, timeout=CALL_SECONDS).receipt
        except grpc.RpcError as error:
            self.book.refusal(error)
            return False
        self.book.receipt(node, batch, receipt)
        return True

    def question(self, node: str, dice: random.Random) -> None:
        client = self.connect(node)
        while not self.stopped.wait(PAUSE_SECONDS):
            try:
                ask(node, client, self.policy, self.book, dice)
            except grpc.RpcError as error:
                self.book.refusal(error)

    @staticmethod
    def event(dice: random.Random) -> bytes:
        return event_record([sgtin_link(f"CHAOS{dice.randrange(200)}")])
