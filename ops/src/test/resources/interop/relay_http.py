"""What both clients say to the relay by HTTP: an offer is posted, the resource that it makes is deleted."""
import sys
import urllib.parse
import urllib.request

mode, url, token = sys.argv[1:4]


def post(sdp):
    request = urllib.request.Request(url, sdp.encode(), {
        "Content-Type": "application/sdp", "Authorization": "Bearer " + token})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode(), urllib.parse.urljoin(url, answer.headers["Location"])


def delete(resource):
    request = urllib.request.Request(resource, method="DELETE", headers={"Authorization": "Bearer " + token})
    urllib.request.urlopen(request, timeout=10).close()
